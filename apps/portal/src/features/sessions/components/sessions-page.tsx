import { Text, Title } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconCloudOff, IconFilterOff } from '@tabler/icons-react';
import { useCallback } from 'react';
import { useSearchParams } from 'react-router';
import { useReach } from '../../../api/api-context.tsx';
import { faultWords } from '../../../api/faults.ts';
import { formatClock } from '../../../ui/format.ts';
import { PageState } from '../../../ui/page-state.tsx';
import { RefreshButton } from '../../../ui/refresh-button.tsx';
import { StaleNotice } from '../../../ui/stale-notice.tsx';
import { texts } from '../../../ui/texts.ts';
import { usePageTitle } from '../../../ui/use-page-title.ts';
import { useSessionList } from '../api/use-session-list.ts';
import { everything, formatListSearch, type ListSearch, parseListSearch } from '../list-search.ts';
import { FirstSession } from './first-session.tsx';
import { ListEnd } from './list-end.tsx';
import { ListFilters } from './list-filters.tsx';
import { SessionCards } from './session-cards.tsx';
import classes from './sessions.module.css';
import { SessionsSkeleton } from './sessions-skeleton.tsx';
import { SessionsTable } from './sessions-table.tsx';
import { useListPlace } from './use-list-place.ts';

export default function SessionsPage() {
  usePageTitle(texts.sessions.title);
  const [query, setQuery] = useSearchParams();
  const search = parseListSearch(query);
  const change = (part: Partial<ListSearch>, how?: 'replace') => {
    setQuery(formatListSearch({ ...search, ...part }), { replace: how === 'replace' });
    // A different list starts at the top.
    window.scrollTo(0, 0);
  };
  const list = useSessionList(search);
  const { head } = list;
  const reach = useReach();
  useListPlace(head.data !== undefined);
  return (
    <>
      <div className={classes.top}>
        <div>
          <Title order={1} size="h2">
            {texts.sessions.title}
          </Title>
          <Text size="sm" c="dimmed" data-testid="list-state" data-stale={head.isError}>
            {listState(list)}
          </Text>
        </div>
        <RefreshButton onRefresh={list.refresh} />
      </div>
      <ListFilters search={search} onChange={change} />
      {head.data && head.isError && reach === 'reached' && (
        <StaleNotice
          title={texts.sessions.staleTitle}
          body={texts.sessions.staleBody(formatClock(head.dataUpdatedAt))}
          onRetry={() => void head.refetch()}
        />
      )}
      <div className={classes.panel} data-dimmed={head.isPlaceholderData}>
        <ListBody list={list} search={search} onShowAll={() => change(everything)} />
      </div>
      {list.lines.length > 0 && <ListEnd list={list} />}
    </>
  );
}

type SessionList = ReturnType<typeof useSessionList>;

/** The number of sessions, and whether the list is up to date. */
function listState({ head, lines, more }: SessionList): string {
  if (!head.data || head.isPlaceholderData) return texts.loading;
  const { total } = head.data;
  const count = total === null ? texts.sessions.found(lines.length, more) : texts.sessions.count(total);
  const time = formatClock(head.dataUpdatedAt);
  return `${count} · ${head.isError ? texts.sessions.stale(time) : texts.sessions.updated(time)}`;
}

interface ListBodyProps {
  readonly list: SessionList;
  readonly search: ListSearch;
  readonly onShowAll: () => void;
}

function ListBody({ list, search, onShowAll }: ListBodyProps) {
  const narrow = useMediaQuery('(max-width: 70em)', undefined, { getInitialValueInEffect: false });
  const { head, lines, more, moreState, loadMore, lookAt } = list;
  const onNearEnd = useCallback(() => {
    if (more && moreState === 'idle') loadMore();
  }, [more, moreState, loadMore]);
  if (head.isPending) return <SessionsSkeleton narrow={narrow} />;
  if (!head.data) {
    return (
      <PageState
        icon={IconCloudOff}
        title={texts.sessions.failedToLoad}
        body={`${faultWords(head.error).title}. ${faultWords(head.error).body}`}
        action={{ label: texts.tryAgain, onClick: () => void head.refetch(), busy: head.isFetching }}
        level={2}
        alert
      />
    );
  }
  if (lines.length > 0) {
    const Lines = narrow ? SessionCards : SessionsTable;
    const total = head.data.total ?? (more ? null : lines.length);
    return <Lines lines={lines} total={total} onLookAt={lookAt} onNearEnd={onNearEnd} />;
  }
  if (Object.values(search).some((filter) => filter !== null)) {
    return (
      <PageState
        icon={IconFilterOff}
        title={texts.sessions.nothingFound}
        body={texts.sessions.nothingFoundBody}
        action={{ label: texts.sessions.showAll, onClick: onShowAll }}
        level={2}
      />
    );
  }
  return <FirstSession />;
}
