import { useElementSize } from '@mantine/hooks';
import { texts } from '../../../ui/texts.ts';
import { type ChartDay, chartTop, formatSeconds } from '../promise-chart.ts';
import classes from './promise.module.css';

const height = 280;
/** Width of a day's label in pixels. */
const labelWidth = 70;
const left = 56;
const bottom = 30;
const top = 12;

interface PromiseChartProps {
  readonly days: readonly ChartDay[];
  readonly promised: number;
}

/** One column per day: the bar is the median session, the line above it ends at the 95th percentile. */
export function PromiseChart({ days, promised }: PromiseChartProps) {
  // The width is measured: in a scaled drawing, the letters would be too small on a phone.
  const { ref, width: measured } = useElementSize();
  const width = Math.max(240, measured);
  const scaleTop = chartTop(days, promised);
  const y = (seconds: number) => height - bottom - (Math.min(seconds, scaleTop) / scaleTop) * (height - bottom - top);
  const step = (width - left) / days.length;
  const bar = Math.min(40, step * 0.6);
  const every = Math.ceil(days.length / Math.floor((width - left) / labelWidth));
  return (
    <div ref={ref}>
      <svg className={classes.chart} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={texts.promise.chart}>
        {[0, scaleTop / 2, scaleTop].map((seconds) => (
          <g key={seconds}>
            <line className={classes.grid} x1={left} x2={width} y1={y(seconds)} y2={y(seconds)} />
            <text className={classes.axis} x={left - 8} y={y(seconds) + 4} textAnchor="end">
              {Math.round(seconds)} s
            </text>
          </g>
        ))}
        {days.map(({ day, figures }, k) => {
          const middle = left + step * (k + 0.5);
          return (
            <g key={day}>
              {(days.length - 1 - k) % every === 0 && (
                <text className={classes.axis} x={middle} y={height - 8} textAnchor="middle">
                  {texts.promise.shortDay(day)}
                </text>
              )}
              {figures && (
                <g className={figures.p95_s <= promised ? classes.kept : classes.missed}>
                  <title>
                    {texts.promise.dayTitle(
                      texts.promise.day(day),
                      figures.sessions,
                      formatSeconds(figures.p50_s),
                      formatSeconds(figures.p95_s),
                    )}
                  </title>
                  <rect
                    className={classes.hit}
                    x={middle - step / 2}
                    y={top}
                    width={step}
                    height={height - bottom - top}
                  />
                  <rect x={middle - bar / 2} y={y(figures.p50_s)} width={bar} height={y(0) - y(figures.p50_s)} rx={3} />
                  <line x1={middle} x2={middle} y1={y(figures.p50_s)} y2={y(figures.p95_s)} />
                  {figures.p95_s > scaleTop ? (
                    <path
                      d={`M ${middle - 7} ${y(scaleTop) + 9} L ${middle} ${y(scaleTop)} L ${middle + 7} ${y(scaleTop) + 9}`}
                    />
                  ) : (
                    <line x1={middle - 8} x2={middle + 8} y1={y(figures.p95_s)} y2={y(figures.p95_s)} />
                  )}
                </g>
              )}
            </g>
          );
        })}
        <line className={classes.promised} x1={left} x2={width} y1={y(promised)} y2={y(promised)} />
        <text className={classes.promisedLabel} x={width - 4} y={y(promised) - 6} textAnchor="end">
          {texts.promise.promised(promised)}
        </text>
      </svg>
    </div>
  );
}
