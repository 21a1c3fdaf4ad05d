import 'yet-another-react-lightbox/styles.css';
import type { Image } from '@spinbay/contracts';
import { useQuery } from '@tanstack/react-query';
import { type Ref, useImperativeHandle, useMemo, useRef, useState } from 'react';
import Lightbox, { type ZoomRef } from 'yet-another-react-lightbox';
import Zoom from 'yet-another-react-lightbox/plugins/zoom';
import { useApi } from '../../../api/api-context.tsx';
import { reviewTexts } from '../../../ui/review-texts.ts';
import { texts } from '../../../ui/texts.ts';
import { loadedOriginalQuery } from '../api/image-queries.ts';
import { type Frame, slotLabel } from '../frames.ts';
import type { Faults } from '../review.ts';
import { originalIsShowable } from '../spin-frames.ts';
import { FrameDetails } from './frame-details.tsx';
import { LargePicture } from './large-picture.tsx';
import classes from './lightbox.module.css';

export interface LightboxHandle {
  toggleZoom(): void;
}

interface FrameLightboxProps {
  readonly frames: readonly Frame[];
  readonly index: number;
  readonly faults: Faults;
  readonly onView: (index: number) => void;
  readonly onClose: () => void;
  readonly ref: Ref<LightboxHandle>;
}

const { frame: words } = reviewTexts;

/** One frame large, the others by arrow keys or swipe. Zooming in loads the original photo. Esc closes. */
export default function FrameLightbox({ frames, index, faults, onView, onClose, ref }: FrameLightboxProps) {
  const zoom = useRef<ZoomRef>(null);
  const [zoomed, setZoomed] = useState(false);
  const frame = frames[index];
  const original = useOriginal(frame?.image, zoomed);
  // The pictures are squares from the middle of the photos. Memoized, because a new list would reset the zoom.
  const slides = useMemo(
    () =>
      frames.map(({ image, urls }) => {
        const side = Math.max(1200, Math.min(image.width ?? 0, image.height ?? 0));
        return { src: urls[1200], alt: slotLabel(image), width: side, height: side };
      }),
    [frames],
  );
  useImperativeHandle(ref, () => ({
    toggleZoom() {
      if (!zoom.current) return;
      if (zoom.current.zoom > 1) zoom.current.changeZoom(1);
      else zoom.current.zoomIn();
    },
  }));
  return (
    <Lightbox
      open
      slides={slides}
      index={index}
      close={onClose}
      plugins={[Zoom]}
      className={classes.lightbox}
      on={{
        view: ({ index: viewed }) => onView(viewed),
        zoom: ({ zoom: level }) => setZoomed(level > 1),
      }}
      carousel={{ finite: true, padding: 0, spacing: 24, preload: 2 }}
      animation={{ fade: 150, swipe: 220, navigation: 160, zoom: 200 }}
      controller={{ closeOnBackdropClick: true, closeOnPullDown: true }}
      zoom={{ ref: zoom, maxZoomPixelRatio: 2, zoomInMultiplier: 2, doubleClickMaxStops: 2, scrollToZoom: true }}
      labels={{
        Lightbox: texts.frame.viewer,
        Previous: texts.frame.previous,
        Next: texts.frame.next,
        Close: texts.frame.close,
        'Zoom in': words.zoomIn,
        'Zoom out': words.zoomOut,
      }}
      render={{
        slide: ({ slide, offset }) => (
          <LargePicture
            src={'src' in slide ? slide.src : ''}
            original={offset === 0 ? original.url : undefined}
            label={('alt' in slide && slide.alt) || ''}
          />
        ),
        controls: () =>
          frame && (
            <div className={classes.caption} ref={keepGestures}>
              <FrameDetails image={frame.image} fault={faults.get(frame.image.id)} note={original.note} withOriginal />
            </div>
          ),
      }}
    />
  );
}

/** Over the text, the wheel scrolls and a drag selects text. These events must not reach the picture. */
function keepGestures(words: HTMLElement | null): (() => void) | undefined {
  if (!words) return undefined;
  const leaving = new AbortController();
  for (const type of ['wheel', 'pointerdown'] as const) {
    words.addEventListener(type, (event) => event.stopPropagation(), { signal: leaving.signal });
  }
  return () => leaving.abort();
}

/** The original photo, only for the current frame and only while it is zoomed in. */
function useOriginal(image: Image | undefined, zoomed: boolean): { url: string | undefined; note: string | null } {
  const { client } = useApi();
  const wanted = image !== undefined && zoomed && originalIsShowable(image);
  const query = useQuery({
    ...loadedOriginalQuery(client, (image?.id ?? '') as Image['id']),
    enabled: wanted,
  });
  if (!wanted) return { url: undefined, note: null };
  if (query.data !== undefined) return { url: query.data, note: words.original };
  return { url: undefined, note: query.isError ? words.originalFailed : words.loadingOriginal };
}
