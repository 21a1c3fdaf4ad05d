import { NativeSelect, Title } from '@mantine/core';
import { IconFilterOff, IconHistory } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useSearchParams } from 'react-router';
import { useApi } from '../../../api/api-context.tsx';
import { adminTexts } from '../../../ui/admin-texts.ts';
import { PageState } from '../../../ui/page-state.tsx';
import { RefreshButton } from '../../../ui/refresh-button.tsx';
import { texts } from '../../../ui/texts.ts';
import { type AuditEvent, auditQuery } from '../api/queries.ts';
import { auditDays, auditKinds, type Directory, isAuditKind, namedDays } from '../audit-words.ts';
import classes from './audit.module.css';
import { AuditLine } from './audit-line.tsx';
import { AuditRetention } from './audit-retention.tsx';
import { Loaded } from './loaded.tsx';
import { More } from './more.tsx';
import { TabHead } from './tab-head.tsx';
import { useDirectory } from './use-directory.ts';

const words = adminTexts.audit;
const all = 'all';

export function AuditTab() {
  const { client } = useApi();
  const [query, setQuery] = useSearchParams();
  const asked = query.get('kind');
  const kind = isAuditKind(asked) ? asked : null;
  const choose = (chosen: string) => setQuery({ tab: 'audit', ...(chosen !== all && { kind: chosen }) });
  const events = useInfiniteQuery(auditQuery(client, kind));
  const known = useDirectory();
  return (
    <>
      <TabHead lead={words.lead}>
        <div className={classes.tools}>
          <NativeSelect
            aria-label={words.kind}
            value={kind ?? all}
            onChange={({ currentTarget }) => choose(currentTarget.value)}
          >
            <option value={all}>{words.allKinds}</option>
            {auditKinds.map((name) => (
              <option key={name} value={name}>
                {words.kinds[name]}
              </option>
            ))}
          </NativeSelect>
          <RefreshButton onRefresh={() => events.refetch()} />
        </div>
      </TabHead>
      <AuditRetention />
      <Loaded query={events}>
        {({ pages }) => {
          const lines = pages.flatMap(({ items }) => items);
          if (lines.length > 0) {
            return (
              <>
                <AuditList events={lines} known={known} />
                <More query={events} />
              </>
            );
          }
          if (kind === null)
            return <PageState icon={IconHistory} title={words.emptyTitle} body={words.emptyBody} level={2} />;
          return (
            <PageState
              icon={IconFilterOff}
              title={words.nothingFound}
              body={words.nothingFoundBody}
              action={{ label: words.showAll, onClick: () => choose(all) }}
              level={2}
            />
          );
        }}
      </Loaded>
    </>
  );
}

function AuditList({ events, known }: { events: readonly AuditEvent[]; known: Directory }) {
  const named = namedDays(new Date());
  return auditDays(events).map(({ day, events }) => (
    <section key={day} className={classes.day}>
      <Title order={2} size="sm" className={classes.dayName}>
        {named[day] ?? texts.promise.day(day)}
      </Title>
      <ul className={classes.events}>
        {events.map((event) => (
          <AuditLine key={event.id} event={event} known={known} />
        ))}
      </ul>
    </section>
  ));
}
