import { Button, Text } from '@mantine/core';
import type { Image, ImageId, Turntable } from '@spinbay/contracts';
import { defineSpinbayViewer, type SpinbayViewer, type ViewerEvents } from '@spinbay/viewer';
import { IconRefresh } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { createElement, type Ref, useEffect, useImperativeHandle, useMemo, useRef, useState } from 'react';
import { useApi } from '../../../api/api-context.tsx';
import { useQcThresholds } from '../../../api/use-qc-thresholds.ts';
import { reviewTexts } from '../../../ui/review-texts.ts';
import { texts } from '../../../ui/texts.ts';
import { originalQuery } from '../api/image-queries.ts';
import { angleOfKey, slotLabel } from '../frames.ts';
import type { Gallery } from '../gallery.ts';
import { type Faults, useReview } from '../review.ts';
import { spinFrames } from '../spin-frames.ts';
import { FrameDetails } from './frame-details.tsx';
import classes from './spin-view.module.css';

defineSpinbayViewer();

export interface SpinHandle {
  step(by: number): void;
  toggleZoom(): void;
  /** The current frame. */
  current(): Image | null;
  /** The current slot, which may have no frame. */
  slotKey(): string | null;
}

interface SpinViewProps {
  readonly gallery: Gallery;
  readonly turntable: Turntable;
  readonly faults: Faults;
  /** The initial slot. */
  readonly frame: string | null;
  readonly focus: boolean;
  readonly onFrame: (frameKey: string) => void;
  readonly ref: Ref<SpinHandle>;
}

/** The spin, with the details of the current frame next to it. */
export default function SpinView({ gallery, turntable, faults, frame, focus, onFrame, ref }: SpinViewProps) {
  const { client } = useApi();
  const thresholds = useQcThresholds();
  const queries = useQueryClient();
  const { renew } = useReview();
  const viewer = useRef<SpinbayViewer>(null);
  const slots = gallery.slots.filter(({ slot }) => slot.angle_deg !== null);
  const [angle, setAngle] = useState(() => angleOfKey(frame) ?? 0);
  /** The angle that the viewer shows. The state follows with the next render, and a key may be pressed before that. */
  const shownAngle = useRef(angle);
  const [retries, setRetries] = useState<ReadonlyMap<string, number>>(new Map());
  const [broken, setBroken] = useState<ReadonlySet<ImageId>>(new Set());
  const [originalFailed, setOriginalFailed] = useState<ImageId | null>(null);
  const frames = useMemo(
    () =>
      spinFrames(gallery, {
        thresholds,
        retries,
        original: (image) => {
          setOriginalFailed(null);
          return queries.fetchQuery(originalQuery(client, image.id));
        },
      }),
    [gallery, retries, thresholds, client, queries],
  );
  const slotAt = (degrees: number) => slots.find(({ slot }) => slot.angle_deg === degrees) ?? slots[0];
  const current = slotAt(angle);
  const image = current?.image ?? null;

  useImperativeHandle(ref, () => ({
    step: (by) => viewer.current?.step(by),
    toggleZoom: () => viewer.current?.toggleZoom(),
    current: () => slotAt(shownAngle.current)?.image ?? null,
    slotKey: () => slotAt(shownAngle.current)?.key ?? null,
  }));

  useEffect(() => {
    if (viewer.current) viewer.current.turntable = turntable;
  }, [turntable]);
  useEffect(() => {
    if (viewer.current) viewer.current.frames = frames;
  }, [frames]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the initial slot is only used once
  useEffect(() => {
    const element = viewer.current;
    if (!element) return;
    element.angle = angle;
    // Scrolls to the heading of the section, so that the page header does not hide a part of the bar above the viewer.
    if (element.getBoundingClientRect().bottom > window.innerHeight)
      element.closest('section')?.scrollIntoView({ block: 'start' });
    if (focus) element.shadowRoot?.querySelector<HTMLElement>('[role=slider]')?.focus({ preventScroll: true });
  }, []);

  const onEvents = useRef({ onFrame, onPictureError: (_: ViewerEvents['pictureerror']) => {} });
  useEffect(() => {
    onEvents.current = {
      onFrame,
      onPictureError: ({ angle_deg, size, url }) => {
        const failed = slots.find(({ slot }) => slot.angle_deg === angle_deg)?.image;
        if (!failed) return;
        if (size === 'original') setOriginalFailed(failed.id);
        if (size === '600') setBroken((known) => new Set(known).add(failed.id));
        if (size !== 'original' && url !== null) renew(url);
      },
    };
  });
  useEffect(() => {
    const element = viewer.current;
    if (!element) return;
    const leaving = new AbortController();
    const { signal } = leaving;
    let timer: ReturnType<typeof setTimeout> | undefined;
    element.addEventListener(
      'framechange',
      ({ detail }) => {
        shownAngle.current = detail.angle_deg;
        setAngle(detail.angle_deg);
        clearTimeout(timer);
        // Browsers allow about three address changes per second.
        timer = setTimeout(() => onEvents.current.onFrame(`angle_${detail.angle_deg}`), 400);
      },
      { signal },
    );
    element.addEventListener('pictureerror', ({ detail }) => onEvents.current.onPictureError(detail), { signal });
    return () => {
      clearTimeout(timer);
      leaving.abort();
    };
  }, []);

  const retry = () => {
    setRetries((known) => new Map([...known, ...[...broken].map((id) => [id, (known.get(id) ?? 0) + 1] as const)]));
    setBroken(new Set());
  };
  const label = current ? slotLabel(current.slot) : '';
  return (
    <div className={classes.spin} data-testid="spin">
      <Viewer viewer={viewer} />
      <div className={classes.words} data-testid="spin-frame" data-slot={current?.key}>
        {broken.size > 0 && (
          <div className={classes.broken} role="alert">
            <Text size="sm">{reviewTexts.view.broken(broken.size)}</Text>
            <Button
              size="compact-sm"
              variant="default"
              leftSection={<IconRefresh size={16} aria-hidden="true" />}
              onClick={retry}
            >
              {texts.tryAgain}
            </Button>
          </div>
        )}
        {image ? (
          <FrameDetails
            image={image}
            fault={faults.get(image.id)}
            note={originalFailed === image.id ? reviewTexts.frame.originalFailed : null}
          />
        ) : (
          <>
            <b className={classes.gap}>{label}</b>
            <Text size="sm" c="dimmed">
              {reviewTexts.frame.missing}
            </Text>
          </>
        )}
      </div>
    </div>
  );
}

/** Takes no changing props, so that the element keeps its pictures, angle and focus when its parents render again. */
function Viewer({ viewer }: { viewer: Ref<SpinbayViewer> }) {
  return createElement('spinbay-viewer', {
    ref: viewer,
    class: classes.viewer,
    'data-testid': 'viewer',
  });
}
