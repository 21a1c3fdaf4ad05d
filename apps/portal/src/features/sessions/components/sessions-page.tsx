import { Group, Pagination, Text, Title } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import type { Session } from '@spinbay/contracts';
import { IconCameraPlus, IconCloudOff, IconFilterOff } from '@tabler/icons-react';
import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'react-router';
import { useApi } from '../../../api/api-context.tsx';
import { faultWords } from '../../../api/faults.ts';
import { formatClock } from '../../../ui/format.ts';
import { PageState } from '../../../ui/page-state.tsx';
import { RefreshButton } from '../../../ui/refresh-button.tsx';
import { StaleNotice } from '../../../ui/stale-notice.tsx';
import { texts } from '../../../ui/texts.ts';
import { usePageTitle } from '../../../ui/use-page-title.ts';
import { sessionsQuery } from '../api/queries.ts';
import { formatListSearch, type ListSearch, pageSize, parseListSearch } from '../list-search.ts';
import { ListFilters } from './list-filters.tsx';
import { SessionCards } from './session-cards.tsx';
import classes from './sessions.module.css';
import { SessionsSkeleton } from './sessions-skeleton.tsx';
import { SessionsTable } from './sessions-table.tsx';

export default function SessionsPage() {
  usePageTitle(texts.sessions.title);
  const { client } = useApi();
  const [query, setQuery] = useSearchParams();
  const search = parseListSearch(query);
  const change = (part: Partial<ListSearch>) => setQuery(formatListSearch({ ...search, page: 1, ...part }));
  const list = useQuery(sessionsQuery(client, search));
  const shown = list.data;
  return (
    <>
      <div className={classes.top}>
        <div>
          <Title order={1} size="h2">
            {texts.sessions.title}
          </Title>
          <Text size="sm" c="dimmed" data-testid="list-state">
            {shown
              ? `${texts.sessions.count(shown.total)} · ${texts.sessions.updated(formatClock(list.dataUpdatedAt))}`
              : texts.loading}
          </Text>
        </div>
        <RefreshButton onRefresh={() => list.refetch()} />
      </div>
      <ListFilters search={search} onChange={change} />
      {shown && list.isError && (
        <StaleNotice
          title={texts.sessions.staleTitle}
          body={texts.sessions.stale(formatClock(list.dataUpdatedAt))}
          onRetry={() => void list.refetch()}
        />
      )}
      <div className={classes.panel} data-dimmed={list.isPlaceholderData}>
        <ListBody list={list} search={search} onChange={change} />
      </div>
      {shown && <ListPages total={shown.total} shown={shown.items.length} search={search} onChange={change} />}
    </>
  );
}

interface ListBodyProps {
  readonly list: UseQueryResult<{ readonly items: readonly Session[]; readonly total: number }>;
  readonly search: ListSearch;
  readonly onChange: (change: Partial<ListSearch>) => void;
}

function ListBody({ list, search, onChange }: ListBodyProps) {
  const narrow = useMediaQuery('(max-width: 70em)', undefined, { getInitialValueInEffect: false });
  if (list.isPending) return <SessionsSkeleton narrow={narrow} />;
  if (!list.data) {
    return (
      <PageState
        icon={IconCloudOff}
        title={texts.sessions.failedToLoad}
        body={`${faultWords(list.error).title}. ${faultWords(list.error).body}`}
        action={{ label: texts.tryAgain, onClick: () => void list.refetch(), busy: list.isFetching }}
        level={2}
        alert
      />
    );
  }
  const { items, total } = list.data;
  if (items.length > 0) return narrow ? <SessionCards sessions={items} /> : <SessionsTable sessions={items} />;
  const filtered = search.siteId !== null || search.status !== null;
  const showAll = { label: texts.sessions.showAll, onClick: () => onChange({ siteId: null, status: null }) };
  if (total > 0)
    return <PageState icon={IconFilterOff} title={texts.sessions.pastEnd} body="" action={showAll} level={2} />;
  if (filtered) {
    return (
      <PageState
        icon={IconFilterOff}
        title={texts.sessions.nothingFound}
        body={texts.sessions.nothingFoundBody}
        action={showAll}
        level={2}
      />
    );
  }
  return (
    <PageState
      icon={IconCameraPlus}
      title={texts.sessions.emptyTitle}
      body={texts.sessions.emptyBody}
      command={texts.sessions.emptyCommand}
      level={2}
    />
  );
}

interface ListPagesProps {
  readonly total: number;
  readonly shown: number;
  readonly search: ListSearch;
  readonly onChange: (change: Partial<ListSearch>) => void;
}

function ListPages({ total, shown, search, onChange }: ListPagesProps) {
  if (total <= pageSize || shown === 0) return null;
  const first = (search.page - 1) * pageSize + 1;
  return (
    <Group justify="space-between" mt="md">
      <Text size="sm" c="dimmed">
        {texts.sessions.range(first, first + shown - 1, total)}
      </Text>
      <nav aria-label={texts.sessions.pages}>
        <Pagination
          total={Math.ceil(total / pageSize)}
          value={search.page}
          onChange={(page) => {
            onChange({ page });
            window.scrollTo(0, 0);
          }}
          getItemProps={(page) => ({ 'aria-label': texts.sessions.page(page) })}
          getControlProps={(control) => {
            if (control === 'previous') return { 'aria-label': texts.sessions.previousPage };
            return control === 'next' ? { 'aria-label': texts.sessions.nextPage } : {};
          }}
        />
      </nav>
    </Group>
  );
}
