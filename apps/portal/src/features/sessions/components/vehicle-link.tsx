import type { Session } from '@spinbay/contracts';
import { Link } from 'react-router';
import { texts } from '../../../ui/texts.ts';
import classes from './sessions.module.css';

/** Stock number large, VIN small. The link covers the whole row or card that it stands in. */
export function VehicleLink({ session }: { session: Session }) {
  const { stock, vin } = session.vehicle;
  return (
    <>
      <Link className={classes.link} to={`/sessions/${session.id}`} data-testid="session-link">
        {stock ?? (vin === null ? texts.sessions.noStock : texts.sessions.vin(vin))}
      </Link>
      {stock !== null && vin !== null && <span className={classes.vin}>{vin}</span>}
    </>
  );
}
