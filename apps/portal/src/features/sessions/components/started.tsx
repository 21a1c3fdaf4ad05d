import { formatClockTime, formatDate } from '../../../ui/format.ts';
import classes from './sessions.module.css';

/** The date above the time. */
export function Started({ at }: { at: string }) {
  return (
    <time dateTime={at} className={classes.started}>
      {formatDate(at)} <span className={classes.clock}>{formatClockTime(at)}</span>
    </time>
  );
}
