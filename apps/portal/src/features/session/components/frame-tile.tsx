import { type Image, type Slot, verdictOf } from '@spinbay/contracts';
import { IconCloudOff, IconCloudUp, IconPhoto, IconPhotoOff, IconWorldCheck } from '@tabler/icons-react';
import { memo, useState } from 'react';
import { useQcThresholds } from '../../../api/use-qc-thresholds.ts';
import { Pill } from '../../../ui/pill.tsx';
import { texts } from '../../../ui/texts.ts';
import { slotLabel } from '../frames.ts';
import type { FrameStatus } from '../gallery.ts';
import { previewWords } from '../preview-words.ts';
import { reasonsOf } from '../qc-words.ts';
import { useReview } from '../review.ts';
import { PictureFailed } from './picture-failed.tsx';
import { PreviewNote } from './preview-note.tsx';
import { PublishControl } from './publish-control.tsx';
import { QcBadge } from './qc-badge.tsx';
import classes from './tile.module.css';

interface FrameTileProps {
  /** The frame's name in the address of the page, and in `data-slot` for tests. */
  readonly frameKey: string;
  readonly slot: Slot;
  readonly image: Image | null;
  readonly required?: boolean;
  readonly retakeComing?: boolean;
  /** Whether no more frames are expected. */
  readonly ended?: boolean;
  /** Why a requested publication or undo failed. */
  readonly fault?: string | undefined;
  readonly onOpen: (frameKey: string) => void;
}

/** A slot of the gallery: its frame with the verdict, or what it is waiting for. Rendered again only after a change. */
export const FrameTile = memo(function FrameTile(props: FrameTileProps) {
  const { frameKey, slot, image, required = true, retakeComing = false, ended = false, fault, onOpen } = props;
  const thresholds = useQcThresholds();
  const label = slotLabel(slot);
  const status: FrameStatus = image?.status ?? 'missing';
  const verdict = image && verdictOf(image);
  const reasons = image ? reasonsOf(image, thresholds) : [];
  const previewNote = image && previewWords(image);
  return (
    <li className={classes.tile} data-testid="frame" data-slot={frameKey} data-status={status}>
      {image?.thumb_urls ? (
        <Thumb url={image.thumb_urls[600]} label={label} frameKey={frameKey} onOpen={onOpen} />
      ) : (
        <Placeholder status={status === 'missing' && ended ? 'notTaken' : status} />
      )}
      <div className={classes.foot}>
        <div className={classes.line}>
          <span className={classes.label}>{label}</span>
          {verdict && <QcBadge verdict={verdict} />}
          {!required && status === 'missing' && <span className={classes.note}>{texts.gallery.optional}</span>}
        </div>
        {reasons.length > 0 && (
          <p className={classes.reason} data-verdict={verdict}>
            {reasons.join('; ')}
          </p>
        )}
        {previewNote !== null && <PreviewNote original={previewNote} />}
        {retakeComing && <p className={classes.note}>{texts.gallery.retakeComing}</p>}
        {image && (
          <div className={classes.publish}>
            <PublishControl image={image} fault={fault} />
          </div>
        )}
      </div>
      {status === 'published' && (
        <span className={classes.corner}>
          <Pill tone="live" icon={IconWorldCheck} data-testid="published-badge">
            {texts.gallery.published}
          </Pill>
        </span>
      )}
    </li>
  );
});

const placeholders = {
  missing: { icon: IconPhoto, text: texts.gallery.missing },
  notTaken: { icon: IconPhotoOff, text: texts.gallery.notTaken },
  pending: { icon: IconCloudUp, text: texts.gallery.pending },
  expired: { icon: IconCloudOff, text: texts.gallery.expired },
  noPicture: { icon: IconPhotoOff, text: texts.gallery.noPicture },
} as const;

function Placeholder({ status }: { status: FrameStatus | 'notTaken' }) {
  const kind = status in placeholders ? (status as keyof typeof placeholders) : 'noPicture';
  const { icon: Icon, text } = placeholders[kind];
  return (
    <div className={classes.placeholder} data-kind={kind}>
      <Icon size={30} stroke={1.5} aria-hidden="true" />
      <span>{text}</span>
    </div>
  );
}

interface ThumbProps {
  readonly url: string;
  readonly label: string;
  readonly frameKey: string;
  readonly onOpen: (frameKey: string) => void;
}

function Thumb({ url, label, frameKey, onOpen }: ThumbProps) {
  const { renew } = useReview();
  const [failedUrl, setFailedUrl] = useState<string | null>(null);
  const [again, setAgain] = useState(0);
  if (url === failedUrl) {
    return (
      <PictureFailed
        label={label}
        onRetry={() => {
          setFailedUrl(null);
          setAgain((times) => times + 1);
        }}
      />
    );
  }
  return (
    <button type="button" className={classes.open} onClick={() => onOpen(frameKey)} data-frame={frameKey}>
      <img
        key={again}
        className={classes.picture}
        src={url}
        alt={texts.gallery.open(label)}
        width={600}
        height={600}
        loading="lazy"
        decoding="async"
        onError={() => {
          setFailedUrl(url);
          renew(url);
        }}
      />
    </button>
  );
}
