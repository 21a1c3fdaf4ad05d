import { useApi } from '../../../api/api-context.tsx';
import { formatBytes, formatDateTime } from '../../../ui/format.ts';
import { texts } from '../../../ui/texts.ts';
import { exifLine } from '../exif-words.ts';
import { type Frame, slotLabel } from '../frames.ts';
import { reasonsOf, scoreWords, shareWords, verdictOf } from '../qc-words.ts';
import classes from './lightbox.module.css';
import { QcBadge } from './qc-badge.tsx';

/** What is known of the frame that is shown large. */
export function FrameCaption({ frame: { image } }: { frame: Frame }) {
  const { qc: thresholds } = useApi().config;
  const verdict = verdictOf(image);
  const reasons = reasonsOf(image, thresholds);
  const camera = image.exif ? exifLine(image.exif) : '';
  const size = [
    image.width !== null && image.height !== null && `${image.width} × ${image.height}`,
    image.size_bytes !== null && formatBytes(image.size_bytes),
  ].filter(Boolean);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls on a small screen, so a keyboard must get at it
    <section className={classes.caption} aria-label={texts.frame.details} tabIndex={0} data-testid="caption">
      <div className={classes.captionTitle}>
        <b className={classes.captionSlot}>{slotLabel(image)}</b>
        {verdict && <QcBadge verdict={verdict} />}
        {image.published_at !== null && <span>{texts.frame.published(formatDateTime(image.published_at))}</span>}
      </div>
      {reasons.length > 0 && (
        <p className={classes.captionReason} data-verdict={verdict}>
          {reasons.join('; ')}
        </p>
      )}
      <dl className={classes.captionFacts}>
        {image.qc && (
          <>
            <div>
              <dt>{texts.qc.sharpness}</dt>
              <dd>
                {scoreWords(image.qc.sharpness.score)}{' '}
                <span>
                  (
                  {texts.qc.sharpnessRule(scoreWords(thresholds.sharpness_fail), scoreWords(thresholds.sharpness_warn))}
                  )
                </span>
              </dd>
            </div>
            <div>
              <dt>{texts.qc.exposure}</dt>
              <dd>
                {texts.qc.exposureMeasured(
                  shareWords(image.qc.exposure.clipped_white),
                  shareWords(image.qc.exposure.clipped_black),
                )}{' '}
                <span>({texts.qc.exposureRule(shareWords(thresholds.clip_fraction))})</span>
              </dd>
            </div>
          </>
        )}
        <div>
          <dt>{texts.frame.camera}</dt>
          <dd>{camera || texts.frame.noExif}</dd>
        </div>
        {size.length > 0 && (
          <div>
            <dt>{texts.frame.size}</dt>
            <dd>{size.join(', ')}</dd>
          </div>
        )}
        {image.captured_at !== null && (
          <div>
            <dt>{texts.frame.taken}</dt>
            <dd>{formatDateTime(image.captured_at)}</dd>
          </div>
        )}
      </dl>
      {image.qc?.duplicate_of !== undefined && <p className={classes.captionNote}>{texts.qc.duplicate}</p>}
    </section>
  );
}
