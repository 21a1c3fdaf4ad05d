import { IconAlertTriangle } from '@tabler/icons-react';
import { Link } from 'react-router';
import { texts } from '../../../ui/texts.ts';
import type { SessionLine } from '../session-lines.ts';
import classes from './sessions.module.css';

/** Stock number large, VIN small, with a mark if it looks wrong. The link covers the whole row or card. */
export function VehicleLink({ session }: { session: Pick<SessionLine, 'id' | 'vehicle'> }) {
  const { stock, vin, warnings } = session.vehicle;
  const name = stock ?? (vin === null ? texts.sessions.noStock : texts.sessions.vin(vin));
  const warning = warnings.map(({ message }) => message).join(' ');
  const mark = warning !== '' && (
    <span className={classes.vinWarning} title={warning}>
      <IconAlertTriangle size={15} stroke={2.2} aria-hidden="true" />
      <span className={classes.heard}>{warning}</span>
    </span>
  );
  return (
    <div className={classes.vehicle}>
      <Link className={classes.link} to={`/sessions/${session.id}`} title={name} data-testid="session-link">
        {name}
      </Link>
      {stock === null || vin === null ? (
        mark
      ) : (
        <span className={classes.vin}>
          {vin} {mark}
        </span>
      )}
    </div>
  );
}
