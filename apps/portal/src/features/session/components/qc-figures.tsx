import { type Qc, type QcThresholds, shareWords } from '@spinbay/contracts';
import { reviewTexts } from '../../../ui/review-texts.ts';
import { texts } from '../../../ui/texts.ts';
import { histogramPath, scalePlace } from '../qc-drawings.ts';
import { figuresOf, figureWords } from '../qc-words.ts';
import classes from './details.module.css';

const { frame: words } = reviewTexts;

interface QcFiguresProps {
  readonly qc: Qc;
  /** Loaded only for the displayed frame. */
  readonly histogram: Qc['exposure']['histogram'];
  readonly version: number | null;
  readonly thresholds: QcThresholds;
}

/** The measurements with their thresholds. */
export function QcFigures({ qc, histogram, version, thresholds }: QcFiguresProps) {
  const figures = figuresOf(qc, version, thresholds);
  const { rules, score, fail, warn, white, black, clipLimit } = figures;
  const limits = rules === 'v3' ? texts.qc.edgeRule : texts.qc.sharpnessRule;
  const edgesAt1600 = qc.sharpness.edges?.region === 'car' ? words.carEdgesAt1600 : words.edgesAt1600;
  const { mean_luma: mean } = qc.exposure;
  return (
    <dl className={classes.figures}>
      <div>
        <dt>
          {texts.qc.sharpness}
          {rules !== 'v1' && <span className={classes.quiet}> {rules === 'v2' ? words.at1000 : edgesAt1600}</span>}
        </dt>
        <dd>
          <b>{figureWords(rules, score)}</b>{' '}
          <span className={classes.quiet}>({limits(figureWords(rules, fail), figureWords(rules, warn))})</span>
          {/* Narrow edges are better. Their inverse grows with sharpness, as scores do. */}
          {rules === 'v3' ? (
            <ScoreScale score={score === null ? 0 : 1 / Math.max(score, 0.1)} fail={1 / fail} warn={1 / warn} />
          ) : (
            <ScoreScale score={score ?? 0} fail={fail} warn={warn} />
          )}
        </dd>
      </div>
      <div>
        <dt>
          {texts.qc.exposure}
          {rules !== 'v1' && <span className={classes.quiet}> {words.ofCentre}</span>}
        </dt>
        <dd>
          {texts.qc.exposureMeasured(shareWords(white), shareWords(black))}{' '}
          {rules !== 'v3' && <span className={classes.quiet}>({texts.qc.exposureRule(shareWords(clipLimit))})</span>}
        </dd>
      </div>
      {histogram && (
        <div>
          <dt>{words.histogram}</dt>
          <dd>
            <svg
              className={classes.histogram}
              viewBox="0 0 64 24"
              preserveAspectRatio="none"
              role="img"
              aria-label={words.histogramName(
                mean.toFixed(0),
                shareWords(qc.exposure.clipped_black),
                shareWords(qc.exposure.clipped_white),
              )}
              data-testid="histogram"
            >
              <path d={histogramPath(histogram)} />
            </svg>
            <div className={classes.ends} aria-hidden="true">
              <span>{words.dark}</span>
              <span>{words.bright}</span>
            </div>
          </dd>
        </div>
      )}
    </dl>
  );
}

/** Three zones of equal width. The text next to it says the same. */
function ScoreScale({ score, fail, warn }: { score: number; fail: number; warn: number }) {
  return (
    <svg className={classes.scale} viewBox="0 0 300 14" preserveAspectRatio="none" aria-hidden="true">
      {(['fail', 'warn', 'pass'] as const).map((zone, k) => (
        <rect key={zone} data-zone={zone} x={k * 100 + (k > 0 ? 1 : 0)} y="4" width="98" height="6" />
      ))}
      <rect
        className={classes.needle}
        x={scalePlace(score, fail, warn) * 300 - 2.5}
        y="0"
        width="5"
        height="14"
        rx="2"
      />
    </svg>
  );
}
