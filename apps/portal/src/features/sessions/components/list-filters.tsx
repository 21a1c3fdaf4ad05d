import { NativeSelect, SegmentedControl } from '@mantine/core';
import { SessionMode, SessionStatus, SiteId } from '@spinbay/contracts';
import { useQuery } from '@tanstack/react-query';
import { useApi } from '../../../api/api-context.tsx';
import { sitesQuery } from '../../../api/sites-query.ts';
import { texts } from '../../../ui/texts.ts';
import type { ListSearch } from '../list-search.ts';
import { SearchField } from './search-field.tsx';
import classes from './sessions.module.css';

const all = 'all';
const statuses = [
  { value: all, label: texts.sessions.allStatuses },
  ...SessionStatus.options.map((status) => ({ value: status, label: texts.sessionStatus[status] })),
];

export interface ListFiltersProps {
  readonly search: ListSearch;
  /** @param how `replace`: the change adds no entry to the browser's history */
  readonly onChange: (change: Partial<ListSearch>, how?: 'replace') => void;
}

export function ListFilters({ search, onChange }: ListFiltersProps) {
  const { client } = useApi();
  const sites = useQuery(sitesQuery(client));
  const { siteId } = search;
  const known = sites.data ?? [];
  // The address may name a site that is not loaded yet or not in the list.
  const options =
    siteId === null || known.some(({ id }) => id === siteId) ? known : [...known, { id: siteId, name: siteId }];
  return (
    <search className={classes.filters} aria-label={texts.sessions.filters}>
      <SearchField q={search.q} onChange={(q) => onChange({ q }, 'replace')} />
      <NativeSelect
        className={classes.siteFilter}
        aria-label={texts.sessions.site}
        value={search.siteId ?? all}
        onChange={({ currentTarget: { value } }) => onChange({ siteId: value === all ? null : SiteId.parse(value) })}
        data-testid="site-filter"
      >
        <option value={all}>{texts.sessions.allSites}</option>
        {options.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </NativeSelect>
      <NativeSelect
        className={classes.modeFilter}
        aria-label={texts.sessions.mode}
        value={search.mode ?? all}
        onChange={({ currentTarget: { value } }) => onChange({ mode: value === all ? null : SessionMode.parse(value) })}
        data-testid="mode-filter"
      >
        <option value={all}>{texts.sessions.allModes}</option>
        {SessionMode.options.map((mode) => (
          <option key={mode} value={mode}>
            {texts.mode[mode]}
          </option>
        ))}
      </NativeSelect>
      <SegmentedControl
        className={classes.statusFilter}
        aria-label={texts.sessions.status}
        data={statuses}
        value={search.status ?? all}
        onChange={(value) => onChange({ status: value === all ? null : SessionStatus.parse(value) })}
        data-testid="status-filter"
      />
    </search>
  );
}
