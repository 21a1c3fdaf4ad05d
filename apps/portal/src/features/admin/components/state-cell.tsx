import { IconBan, IconCheck, IconMail } from '@tabler/icons-react';
import { formatDateTime } from '../../../ui/format.ts';
import { Pill } from '../../../ui/pill.tsx';
import classes from './admin.module.css';

interface StateCellProps {
  readonly words: { readonly active: string; readonly waiting?: string; readonly ended: string };
  /** Whether the person was added but has not accepted the invitation yet. */
  readonly isWaiting?: boolean;
  /** Null while it is active. */
  readonly endedAt: string | null;
  /** The inactive state in `data-state`, for tests. */
  readonly ended: string;
}

/** Whether a person or a device is active, and if not, since when. */
export function StateCell({ words, isWaiting = false, endedAt, ended }: StateCellProps) {
  if (endedAt === null && isWaiting)
    return (
      <Pill tone="calm" icon={IconMail} data-state="waiting">
        {words.waiting}
      </Pill>
    );
  if (endedAt === null)
    return (
      <Pill tone="pass" icon={IconCheck} data-state="active">
        {words.active}
      </Pill>
    );
  return (
    <span className={classes.state}>
      <Pill tone="calm" icon={IconBan} data-state={ended}>
        {words.ended}
      </Pill>
      <time className={classes.stateMore} dateTime={endedAt}>
        {formatDateTime(endedAt)}
      </time>
    </span>
  );
}
