import classes from './session.module.css';

const radius = 30;
const length = 2 * Math.PI * radius;

/** The turntable, filled according to the arrived frames. The figures are next to it as text. */
export function ProgressRing({ arrived, expected }: { arrived: number; expected: number }) {
  const share = expected === 0 ? 0 : Math.min(1, arrived / expected);
  return (
    <svg className={classes.ring} viewBox="0 0 72 72" aria-hidden="true" data-full={share === 1}>
      <circle className={classes.ringTrack} cx="36" cy="36" r={radius} />
      {share > 0 && (
        <circle
          className={classes.ringBar}
          cx="36"
          cy="36"
          r={radius}
          strokeDasharray={`${share * length} ${length}`}
          transform="rotate(-90 36 36)"
        />
      )}
      <text x="36" y="42" textAnchor="middle">
        {arrived}
      </text>
    </svg>
  );
}
