import { type Exif, type Image, noteWords, verdictOf } from '@spinbay/contracts';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useApi } from '../../../api/api-context.tsx';
import { useQcThresholds } from '../../../api/use-qc-thresholds.ts';
import { formatBytes, formatClock, formatDate, formatDateTime } from '../../../ui/format.ts';
import { reviewTexts } from '../../../ui/review-texts.ts';
import { texts } from '../../../ui/texts.ts';
import { frameDetailsQuery } from '../api/image-queries.ts';
import { exifLine, placeWords } from '../exif-words.ts';
import { slotLabel } from '../frames.ts';
import { previewWords } from '../preview-words.ts';
import { reasonsOf } from '../qc-words.ts';
import { spanWords, timelineOf } from '../timeline.ts';
import classes from './details.module.css';
import { DuplicateNote } from './duplicate-note.tsx';
import { OriginalLink } from './original-link.tsx';
import { PreviewNote } from './preview-note.tsx';
import { PublishControl } from './publish-control.tsx';
import { QcBadge } from './qc-badge.tsx';
import { QcFigures } from './qc-figures.tsx';

const { frame: words } = reviewTexts;

interface FrameDetailsProps {
  readonly image: Image;
  readonly fault: string | undefined;
  /** An extra line, for example that the original is loading. */
  readonly note?: ReactNode;
  /** Whether to show a link to the original photo. */
  readonly withOriginal?: boolean;
}

/** All details of a frame, next to its picture. */
export function FrameDetails({ image, fault, note, withOriginal = false }: FrameDetailsProps) {
  const { client } = useApi();
  const thresholds = useQcThresholds();
  const measured = useQuery({ ...frameDetailsQuery(client, image), enabled: image.qc !== null });
  const verdict = verdictOf(image);
  const reasons = reasonsOf(image, thresholds);
  const previewNote = previewWords(image);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls on a small screen, so it must be reachable by keyboard
    <section className={classes.details} aria-label={texts.frame.details} tabIndex={0} data-testid="caption">
      <div className={classes.title}>
        <b className={classes.slot}>{slotLabel(image)}</b>
        {verdict && <QcBadge verdict={verdict} />}
      </div>
      {previewNote !== null && <PreviewNote original={previewNote} />}
      {note && <div className={classes.note}>{note}</div>}
      {reasons.length > 0 && (
        <p className={classes.reason} data-verdict={verdict}>
          {reasons.join('; ')}
        </p>
      )}
      <PublishControl image={image} fault={fault} />
      {image.qc && (
        <QcFigures
          qc={image.qc}
          histogram={measured.data?.qc?.exposure.histogram}
          version={image.qc_version}
          thresholds={thresholds}
        />
      )}
      {image.qc?.duplicate_of !== undefined && <DuplicateNote id={image.qc.duplicate_of} of={image} />}
      {image.qc && noteWords(image.qc).map((words) => <p key={words}>{words}</p>)}
      <Timeline image={image} />
      <Facts image={image} />
      {withOriginal && image.thumb_urls && image.shown_upload !== 'preview' && <OriginalLink id={image.id} />}
    </section>
  );
}

function Timeline({ image }: { image: Image }) {
  const steps = timelineOf(image);
  const [first] = steps;
  if (!first) return null;
  return (
    <div>
      <h3 className={classes.head}>{words.timelineOf(formatDate(first.at))}</h3>
      <ol className={classes.timeline} data-testid="timeline">
        {steps.map(({ name, at, after }, k) => (
          <li key={name}>
            <span>{words.steps[name]}</span>
            <time dateTime={at} title={formatDateTime(at)}>
              {formatClock(Date.parse(at))}
            </time>
            {k > 0 && (
              <span className={classes.after}>
                {after === null ? words.clocksDiffer : words.after(spanWords(after))}
              </span>
            )}
          </li>
        ))}
      </ol>
    </div>
  );
}

function Facts({ image }: { image: Image }) {
  const size = [
    image.width !== null && image.height !== null && `${image.width} × ${image.height}`,
    image.size_bytes !== null && formatBytes(image.size_bytes),
  ].filter(Boolean);
  const facts: [string, string][] = [[texts.frame.camera, cameraWords(image.exif)]];
  if (size.length > 0) facts.push([texts.frame.size, size.join(', ')]);
  if (image.exif?.gps) facts.push([texts.frame.place, placeWords(image.exif.gps)]);
  return (
    <dl className={classes.facts}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function cameraWords(exif: Exif | null): string {
  return (exif && exifLine(exif)) || texts.frame.noExif;
}
