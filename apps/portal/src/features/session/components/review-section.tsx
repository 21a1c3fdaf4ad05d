import { Button, Loader, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { Image, Turntable } from '@spinbay/contracts';
import { IconEye, IconEyeOff } from '@tabler/icons-react';
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useIdentity } from '../../../api/api-context.tsx';
import { reviewTexts } from '../../../ui/review-texts.ts';
import { texts } from '../../../ui/texts.ts';
import type { Publishing } from '../api/use-publishing.ts';
import { framesOf, indexOfFrame } from '../frames.ts';
import type { Gallery } from '../gallery.ts';
import { countUnpublished, publishableOf } from '../publishing.ts';
import { ReviewProvider } from '../review.ts';
import type { Shortcut } from '../shortcuts.ts';
import { usePlace, type View, viewNow } from '../use-place.ts';
import { useShortcuts, useShortcutsWanted } from '../use-shortcuts.ts';
import { AskPublish } from './ask-publish.tsx';
import { DoneNotice } from './done-notice.tsx';
import type { LightboxHandle } from './frame-lightbox.tsx';
import { GalleryGrid } from './gallery-grid.tsx';
import { LazyBoundary } from './lazy-boundary.tsx';
import { ReviewBar } from './review-bar.tsx';
import { ShortcutsHelp } from './shortcuts-help.tsx';
import classes from './spin-view.module.css';
import type { SpinHandle } from './spin-view.tsx';

const FrameLightbox = lazy(() => import('./frame-lightbox.tsx'));
const SpinView = lazy(() => import('./spin-view.tsx'));

interface ReviewSectionProps {
  readonly gallery: Gallery;
  readonly turntable: Turntable;
  /** All frames with the requested changes applied. */
  readonly images: readonly Image[];
  readonly total: number;
  /** Whether no more frames are expected. */
  readonly ended: boolean;
  readonly publishing: Publishing;
  /** Loads the frames again to get fresh URLs. */
  readonly refresh: () => void;
}

/** The frames in one of two views, with verdicts and publishing. */
export function ReviewSection(props: ReviewSectionProps) {
  const { gallery, turntable, images, total, ended, publishing, refresh } = props;
  const { view: wantedView, frame, go } = usePlace();
  const hasSpin = gallery.slots.some(({ slot }) => slot.angle_deg !== null);
  const view: View = hasSpin ? wantedView : 'gallery';
  const [takesShown, takes] = useDisclosure(false);
  const [helpShown, help] = useDisclosure(false);
  const [asking, setAsking] = useState<Image | null>(null);
  const [shortcutsWanted] = useShortcutsWanted();
  const role = useIdentity()?.user.role;
  const mayPublish = role === 'reviewer' || role === 'admin';

  const namesTake = gallery.takes.some(({ id }) => id === frame);
  const { open: showTakes } = takes;
  // A link can name a take that is not the current one. Such takes are only shown on request.
  useEffect(() => {
    if (namesTake) showTakes();
  }, [namesTake, showTakes]);
  const frames = useMemo(() => framesOf(gallery, takesShown), [gallery, takesShown]);
  const open = view === 'gallery' ? indexOfFrame(frames, frame) : -1;
  const { faults, done, decide, undo, dismiss } = publishing;
  const unpublished = useMemo(() => countUnpublished(images), [images]);

  const spin = useRef<SpinHandle>(null);
  const lightbox = useRef<LightboxHandle>(null);
  const section = useRef<HTMLElement>(null);
  const focusSpin = useRef(false);
  /** The slot whose tile gets the focus when the gallery returns. */
  const focusInGallery = useRef<string | null>(null);

  const toggle = useCallback(
    (image: Image) => {
      const can = publishableOf(image);
      if (can === 'override' || can === 'preview') setAsking(image);
      else if (can === 'publish') decide({ kind: 'publish', image, override: false, preview: false });
      else if (can === 'undo') decide({ kind: 'unpublish', image });
    },
    [decide],
  );
  const renewed = useRef(new Set<string>());
  const renew = useCallback(
    (url: string) => {
      const [address = url] = url.split('#');
      if (renewed.current.has(address)) return;
      renewed.current.add(address);
      refresh();
    },
    [refresh],
  );
  const actions = useMemo(() => ({ mayPublish, toggle, renew }), [mayPublish, toggle, renew]);
  const openFrame = useCallback((key: string) => go({ frame: key }, { replace: false }), [go]);
  const turned = useCallback(
    (key: string) => {
      // The spin reports with a delay. The person may already have left it, and in the gallery the frame would open.
      if (viewNow() === '360') go({ frame: key }, { replace: true });
    },
    [go],
  );

  const tileOf = (key: string | undefined) =>
    section.current?.querySelector<HTMLElement>(`[data-frame="${CSS.escape(key ?? '')}"]`);
  const closeFrame = () => {
    // The dialog fades out before it reports, and the person may already have opened the other view.
    if (viewNow() === '360') return;
    const key = frames[open]?.key;
    go({ frame: null }, { replace: true });
    // The dialog must close first.
    setTimeout(() => tileOf(key)?.focus(), 0);
  };
  const changeView = (to: View) => {
    const key = frames[open]?.key ?? frame ?? focusedKey();
    // Focuses the viewer, so that its keys work. If the button kept the focus, Home would scroll the page.
    focusSpin.current = to === '360';
    go({ view: to, frame: to === '360' ? key : null }, { replace: false });
  };
  // With the keyboard the focus must move to the new view, because the focused element is gone.
  const changeViewByKey = () => {
    focusSpin.current = view === 'gallery';
    if (view === 'gallery') return go({ view: '360', frame: frames[open]?.key ?? focusedKey() }, { replace: false });
    // The address is updated only once the spin has stopped.
    focusInGallery.current = spin.current?.slotKey() ?? frame;
    go({ view: 'gallery', frame: null }, { replace: false });
  };
  useEffect(() => {
    if (view !== 'gallery' || focusInGallery.current === null) return;
    const toggle = section.current?.querySelector<HTMLElement>('button[aria-pressed=true]');
    (tileOf(focusInGallery.current) ?? toggle)?.focus();
    focusInGallery.current = null;
  });

  const handleShortcut = (shortcut: Shortcut, key: string): boolean => {
    if (shortcut === 'help') {
      help.open();
      return true;
    }
    if (shortcut === 'view') {
      if (hasSpin) changeViewByKey();
      return hasSpin;
    }
    if (shortcut === 'leave') {
      // The large picture and full screen handle Escape themselves.
      const leaves = view === '360' && document.fullscreenElement === null;
      if (leaves) changeViewByKey();
      return leaves;
    }
    const by = shortcut === 'next' ? 1 : shortcut === 'previous' ? -1 : 0;
    if (view === '360') return handleInSpin(shortcut, by);
    return open >= 0 ? handleInLightbox(shortcut, by, key.startsWith('Arrow')) : handleInGallery(shortcut, by);
  };
  const handleInSpin = (shortcut: Shortcut, by: number): boolean => {
    if (by !== 0) spin.current?.step(by);
    else if (shortcut === 'zoom') spin.current?.toggleZoom();
    else if (mayPublish) toggleIfAny(spin.current?.current() ?? null);
    return true;
  };
  const handleInLightbox = (shortcut: Shortcut, by: number, arrow: boolean): boolean => {
    // The dialog handles the arrow keys itself.
    if (arrow) return false;
    const next = frames[open + by];
    if (by !== 0 && next) go({ frame: next.key }, { replace: true });
    else if (shortcut === 'zoom') lightbox.current?.toggleZoom();
    else if (shortcut === 'publish' && mayPublish) toggleIfAny(frames[open]?.image ?? null);
    return true;
  };
  const handleInGallery = (shortcut: Shortcut, by: number): boolean => {
    const here = frames.findIndex(({ key }) => key === focusedKey());
    if (by !== 0) {
      const next = here < 0 ? (by > 0 ? 0 : frames.length - 1) : here + by;
      tileOf(frames[next]?.key)?.focus();
      return true;
    }
    const focused = frames[here];
    if (!focused) return false;
    if (shortcut === 'zoom') openFrame(focused.key);
    else if (mayPublish) toggle(focused.image);
    return true;
  };
  const toggleIfAny = (image: Image | null) => {
    if (image) toggle(image);
  };
  useShortcuts(shortcutsWanted, handleShortcut);

  return (
    <ReviewProvider value={actions}>
      <section aria-labelledby="frames-title" ref={section} className={classes.frames}>
        <ReviewBar
          view={view}
          onView={hasSpin ? changeView : null}
          publishAll={
            mayPublish
              ? {
                  unpublished,
                  published: images.filter((image) => image.status === 'published').length,
                  onPublish: ({ warned }) => decide({ kind: 'all', warned }),
                  onUnpublish: () => decide({ kind: 'unpublish_all' }),
                }
              : null
          }
          fault={faults.get('all')}
          onHelp={help.open}
        >
          {view === 'gallery' && gallery.takes.length > 0 && (
            <Button
              variant="default"
              leftSection={
                takesShown ? <IconEyeOff size={18} aria-hidden="true" /> : <IconEye size={18} aria-hidden="true" />
              }
              aria-expanded={takesShown}
              onClick={takes.toggle}
            >
              {takesShown ? texts.gallery.hideTakes : texts.gallery.showTakes(gallery.takes.length)}
            </Button>
          )}
        </ReviewBar>
        {total > images.length && (
          <Text size="sm" c="dimmed" mb="sm">
            {texts.session.cut(images.length, total)}
          </Text>
        )}
        {view === '360' ? (
          <LazyBoundary title={reviewTexts.view.failed} body={reviewTexts.view.failedBody}>
            <Suspense fallback={<Waiting />}>
              <SpinView
                ref={spin}
                gallery={gallery}
                turntable={turntable}
                faults={faults}
                frame={frame}
                focus={focusSpin.current}
                onFrame={turned}
              />
            </Suspense>
          </LazyBoundary>
        ) : (
          <GalleryGrid gallery={gallery} takesShown={takesShown} ended={ended} faults={faults} onOpen={openFrame} />
        )}
        {open >= 0 && (
          <LazyBoundary title={reviewTexts.view.failed} body={reviewTexts.view.failedBody}>
            <Suspense>
              <FrameLightbox
                ref={lightbox}
                frames={frames}
                index={open}
                faults={faults}
                onView={(index) => {
                  const viewed = frames[index];
                  if (viewed && index !== open) go({ frame: viewed.key }, { replace: true });
                }}
                onClose={closeFrame}
              />
            </Suspense>
          </LazyBoundary>
        )}
      </section>
      {asking && (
        <AskPublish
          image={asking}
          onConfirm={() =>
            decide({
              kind: 'publish',
              image: asking,
              override: asking.status === 'failed',
              preview: asking.shown_upload === 'preview',
            })
          }
          onClose={() => setAsking(null)}
        />
      )}
      {helpShown && <ShortcutsHelp onClose={help.close} />}
      <DoneNotice done={done} above={open >= 0} onUndo={undo} onDismiss={dismiss} />
    </ReviewProvider>
  );
}

/** The frame whose tile contains the focus. */
function focusedKey(): string | null {
  const tile = document.activeElement?.closest<HTMLElement>('[data-slot]');
  return tile?.dataset.slot ?? null;
}

function Waiting() {
  return (
    <div className={classes.loading} role="status">
      <Loader />
      <Text c="dimmed">{reviewTexts.view.loading}</Text>
    </div>
  );
}
