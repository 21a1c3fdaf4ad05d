import type { Session } from '@spinbay/contracts';
import { formatDateTime } from '../../../ui/format.ts';
import { SessionBadge } from '../../../ui/session-badge.tsx';
import { texts } from '../../../ui/texts.ts';
import { Cover } from './cover.tsx';
import { FramesCell } from './frames-cell.tsx';
import classes from './sessions.module.css';
import { VehicleLink } from './vehicle-link.tsx';

/** The list on a narrow screen. */
export function SessionCards({ sessions }: { sessions: readonly Session[] }) {
  return (
    <ul className={classes.cards} aria-label={texts.sessions.table}>
      {sessions.map((session) => (
        <li key={session.id} className={classes.card} data-testid="session" data-status={session.status}>
          <Cover cover={session.cover} />
          <div className={classes.cardBody}>
            <div className={classes.cardTitle}>
              <div className={classes.vehicleCell}>
                <VehicleLink session={session} />
              </div>
              <SessionBadge status={session.status} />
            </div>
            <div className={classes.cardFacts}>
              {texts.mode[session.mode]} · {session.site_name} · {session.operator.name}
              <br />
              <time dateTime={session.started_at}>{formatDateTime(session.started_at)}</time>
            </div>
            <FramesCell session={session} />
          </div>
        </li>
      ))}
    </ul>
  );
}
