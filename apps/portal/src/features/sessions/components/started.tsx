import { formatClockTime, formatDate } from '../../../ui/format.ts';
import classes from './sessions.module.css';

/** Day over time of day. */
export function Started({ at }: { at: string }) {
  return (
    <time dateTime={at} className={classes.started}>
      {formatDate(at)} <span className={classes.clock}>{formatClockTime(at)}</span>
    </time>
  );
}
