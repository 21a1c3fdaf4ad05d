import { ActionIcon, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { lookUp, type Session } from '@spinbay/contracts';
import { IconAlertTriangle, IconMapPin, IconPencil } from '@tabler/icons-react';
import { useIdentity } from '../../../api/api-context.tsx';
import { formatDateTime } from '../../../ui/format.ts';
import { SessionBadge } from '../../../ui/session-badge.tsx';
import { texts } from '../../../ui/texts.ts';
import classes from './session.module.css';
import { VehicleForm } from './vehicle-form.tsx';

/** Vehicle, site, operator and time. */
export function SessionHeader({ session }: { session: Session }) {
  const { stock, vin, warnings, also_at: alsoAt = [] } = session.vehicle;
  const [correcting, form] = useDisclosure(false);
  const role = useIdentity()?.user.role;
  const mayCorrect = role === 'reviewer' || role === 'admin';
  const facts: [label: string, value: string, time?: string][] = [
    [texts.session.facts.mode, lookUp<string>(texts.mode, session.mode, session.mode)],
    [texts.session.facts.site, session.site_name],
    [texts.session.facts.operator, session.operator.name],
    [texts.session.facts.started, formatDateTime(session.started_at), session.started_at],
  ];
  for (const end of ['completed', 'abandoned'] as const) {
    const time = session[`${end}_at`];
    if (session.status === end && time !== null) facts.push([texts.session.facts[end], formatDateTime(time), time]);
  }
  return (
    <header className={classes.header}>
      <div className={classes.vehicle}>
        <Title order={1} className={classes.stock} data-testid="vehicle">
          {stock ?? vin ?? texts.sessions.noStock}
        </Title>
        {mayCorrect && (
          <ActionIcon
            variant="subtle"
            size="lg"
            aria-label={texts.vehicle.correct}
            title={texts.vehicle.correct}
            onClick={form.open}
          >
            <IconPencil size={18} aria-hidden="true" />
          </ActionIcon>
        )}
        {correcting && <VehicleForm session={session} onClose={form.close} />}
        <SessionBadge status={session.status} />
        {stock !== null && vin !== null && (
          <div className={classes.vin}>
            <span className={classes.vinLabel}>VIN</span> {vin}
          </div>
        )}
        {alsoAt.length > 0 && (
          <p className={classes.alsoAt} data-testid="also-at">
            <IconMapPin size={18} stroke={1.8} aria-hidden="true" />
            {texts.vehicle.alsoAt(alsoAt.map((other) => other.site_name))}
          </p>
        )}
        {warnings.map(({ code, message }) => (
          <p key={code} className={classes.warning} data-testid="vehicle-warning">
            <IconAlertTriangle size={18} stroke={1.8} aria-hidden="true" />
            {message}
          </p>
        ))}
      </div>
      <dl className={classes.facts}>
        {facts.map(([label, value, time]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{time === undefined ? value : <time dateTime={time}>{value}</time>}</dd>
          </div>
        ))}
      </dl>
    </header>
  );
}
