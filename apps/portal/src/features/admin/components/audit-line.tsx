import { lookUp } from '@spinbay/contracts';
import {
  type Icon,
  IconBuilding,
  IconBuildingWarehouse,
  IconCar,
  IconDeviceMobile,
  IconListCheck,
  IconPhoto,
  IconQrcode,
  IconQuestionMark,
  IconRotate360,
  IconShieldX,
  IconUser,
} from '@tabler/icons-react';
import { adminTexts } from '../../../ui/admin-texts.ts';
import { formatDateTime } from '../../../ui/format.ts';
import { locale } from '../../../ui/texts.ts';
import type { AuditEvent } from '../api/queries.ts';
import { actorWords, auditFacts, type Directory, entityWords, kindWords } from '../audit-words.ts';
import classes from './audit.module.css';

const icons: Record<AuditEvent['entity_type'], Icon> = {
  device: IconDeviceMobile,
  user: IconUser,
  vehicle: IconCar,
  session: IconRotate360,
  image: IconPhoto,
  organization: IconBuilding,
  site: IconBuildingWarehouse,
  shot_list: IconListCheck,
  enrolment_code: IconQrcode,
};

const clock = new Intl.DateTimeFormat(locale, { timeStyle: 'short' });

/** An event with its subject, actor, time and facts. All content is shown as text. */
export function AuditLine({ event, known }: { event: AuditEvent; known: Directory }) {
  const refused = event.type.endsWith('refused');
  const Icon = refused ? IconShieldX : lookUp<Icon>(icons, event.entity_type, IconQuestionMark);
  const about = entityWords(event, known);
  const actor = actorWords(event, known);
  const facts = auditFacts(event.meta, known);
  return (
    <li className={classes.event} data-testid="event" data-type={event.type}>
      <span className={classes.icon} data-refused={refused} aria-hidden="true">
        <Icon size={18} stroke={1.8} />
      </span>
      <div className={classes.what}>
        <p className={classes.sentence}>
          <strong>{kindWords(event.type)}</strong>
          {about !== null && <span>{about}</span>}
          {about !== actor && <span className={classes.actor}>{adminTexts.audit.by(actor)}</span>}
        </p>
        {event.message !== null && <p className={classes.message}>{event.message}</p>}
        {facts.length > 0 && (
          <dl className={classes.facts}>
            {facts.map(({ name, value }) => (
              <div key={name} className={classes.fact}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        )}
      </div>
      <time className={classes.time} dateTime={event.created_at} title={formatDateTime(event.created_at)}>
        {clock.format(new Date(event.created_at))}
      </time>
    </li>
  );
}
