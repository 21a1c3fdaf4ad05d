import { useElementSize } from '@mantine/hooks';
import type { QcFrame, QcThresholds, Verdict } from '@spinbay/contracts';
import type { ReactNode } from 'react';
import { adminTexts } from '../../../ui/admin-texts.ts';
import { figureOf } from '../calibration.ts';
import { type FigureScale, histogram, limitsOf, verdictAt } from '../figure-scale.ts';
import classes from './quality.module.css';

const height = 190;
/** The space above the bars for the name of the limit. */
const top = 26;
const bottom = 24;
/** Half of the width of the limit's name. */
const nameHalf = 84;
const verdicts = ['pass', 'warn', 'fail'] as const satisfies readonly Verdict[];
const words = adminTexts.quality;

interface FigureChartProps {
  readonly frames: readonly QcFrame[];
  readonly thresholds: QcThresholds;
  readonly scale: FigureScale;
  /** Between the axis and the legend. */
  readonly children?: ReactNode;
}

/**
 * The distribution of the sharpness of frames, with the limits. It fills its container, so that a slider below it fits.
 */
export function FigureChart({ frames, thresholds, scale, children }: FigureChartProps) {
  // The width is measured: in a scaled drawing, the letters would be too small on a phone.
  const { ref, width: measured } = useElementSize();
  const width = Math.max(240, measured);
  const { profile } = thresholds;
  const figures = frames.flatMap((frame) => figureOf(frame, profile) ?? []);
  const counts = histogram(figures, scale);
  const most = Math.max(1, ...counts);
  const floor = height - bottom;
  const bar = width / scale.bins;
  const x = (figure: number) => scale.place(figure) * width;
  const high = (count: number) => (count / most) * (floor - top);
  const limit = limitsOf(thresholds).fail;
  const [from, to] = profile === 'v3' ? [x(limit), width] : [0, x(limit)];
  const verdictOf = (figure: number) => verdictAt(scale.place(figure), scale, thresholds);
  const count = (verdict: Verdict) => figures.filter((figure) => verdictOf(figure) === verdict).length;
  const legend = verdicts.map((verdict) => ({ verdict, text: words.legend[verdict](count(verdict)) }));
  const label = [words.chart[profile], ...legend.map(({ text }) => text)].join(', ');
  return (
    <div ref={ref} className={classes.chartFrame}>
      <svg className={classes.chart} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
        <rect className={classes.rejects} x={from} y={top} width={Math.max(0, to - from)} height={floor - top} />
        {counts.map((found, bin) => {
          const middle = (bin + 0.5) / scale.bins;
          return (
            found > 0 && (
              <rect
                key={middle}
                className={classes.bar}
                data-verdict={verdictAt(middle, scale, thresholds)}
                x={bin * bar + 0.5}
                width={Math.max(1, bar - 1)}
                y={floor - high(found)}
                height={high(found)}
              />
            )
          );
        })}
        <line className={classes.axisLine} x1={0} x2={width} y1={floor} y2={floor} />
        {scale.ticks.map((tick) => (
          <g key={tick}>
            <line className={classes.axisLine} x1={x(tick)} x2={x(tick)} y1={floor} y2={floor + 4} />
            <text className={classes.axis} x={x(tick)} y={height - 4} textAnchor={anchorOf(scale.place(tick))}>
              {words.tick(tick)}
            </text>
          </g>
        ))}
        <line className={classes.limit} x1={x(limit)} x2={x(limit)} y1={20} y2={floor} />
        <text
          className={classes.limitName}
          x={Math.min(width - nameHalf, Math.max(nameHalf, x(limit)))}
          y={14}
          textAnchor="middle"
        >
          {words.limitName[profile](limit)}
        </text>
      </svg>
      {children}
      <ul className={classes.legend} aria-hidden="true">
        {legend.map(({ verdict, text }) => (
          <li key={verdict} data-verdict={verdict}>
            {text}
          </li>
        ))}
      </ul>
      {figures.length < frames.length && (
        <p className={classes.unplaced}>{words.unplaced(frames.length - figures.length)}</p>
      )}
    </div>
  );
}

function anchorOf(place: number): 'start' | 'middle' | 'end' {
  if (place <= 0) return 'start';
  return place >= 1 ? 'end' : 'middle';
}
