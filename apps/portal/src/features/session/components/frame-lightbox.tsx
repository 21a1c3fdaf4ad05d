import 'yet-another-react-lightbox/styles.css';
import Lightbox from 'yet-another-react-lightbox';
import { texts } from '../../../ui/texts.ts';
import { type Frame, slotLabel } from '../frames.ts';
import { FrameCaption } from './frame-caption.tsx';
import classes from './lightbox.module.css';

interface FrameLightboxProps {
  readonly frames: readonly Frame[];
  readonly index: number;
  readonly onView: (index: number) => void;
  readonly onClose: () => void;
}

/** One frame large, the others by arrow keys or swipe; Esc closes. */
export default function FrameLightbox({ frames, index, onView, onClose }: FrameLightboxProps) {
  const slides = frames.map(({ image, urls }) => ({
    src: urls[1200],
    alt: slotLabel(image),
    width: 1200,
    height: 1200,
  }));
  const frame = frames[index];
  return (
    <Lightbox
      open
      slides={slides}
      index={index}
      close={onClose}
      className={classes.lightbox}
      on={{ view: ({ index: viewed }) => onView(viewed) }}
      carousel={{ finite: true, padding: 0, spacing: 24, preload: 2 }}
      animation={{ fade: 150, swipe: 220, navigation: 160 }}
      controller={{ closeOnBackdropClick: true, closeOnPullDown: true }}
      labels={{
        Lightbox: texts.frame.viewer,
        Previous: texts.frame.previous,
        Next: texts.frame.next,
        Close: texts.frame.close,
      }}
      render={{ controls: () => frame && <FrameCaption frame={frame} /> }}
    />
  );
}
