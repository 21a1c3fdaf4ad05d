import { NativeSelect, SegmentedControl } from '@mantine/core';
import { SessionMode, SessionStatus } from '@spinbay/contracts';
import { SiteSelect } from '../../../api/site-select.tsx';
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
  return (
    <search className={classes.filters} aria-label={texts.sessions.filters}>
      <SearchField q={search.q} onChange={(q) => onChange({ q }, 'replace')} />
      <SiteSelect
        className={classes.siteFilter}
        siteId={search.siteId}
        onSelect={(siteId) => onChange({ siteId })}
        data-testid="site-filter"
      />
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
