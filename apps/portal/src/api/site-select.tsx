import { NativeSelect, type NativeSelectProps } from '@mantine/core';
import { SiteId } from '@spinbay/contracts';
import { useQuery } from '@tanstack/react-query';
import { texts } from '../ui/texts.ts';
import { useApi } from './api-context.tsx';
import { sitesQuery } from './sites-query.ts';

interface SiteSelectProps extends Omit<NativeSelectProps, 'value' | 'onChange' | 'onSelect' | 'children'> {
  /** Null: all sites. */
  readonly siteId: SiteId | null;
  readonly onSelect: (siteId: SiteId | null) => void;
}

const all = 'all';

/** Chooses one of the sites that the person may see, or all of them. */
export function SiteSelect({ siteId, onSelect, ...props }: SiteSelectProps) {
  const { client } = useApi();
  const sites = useQuery(sitesQuery(client));
  const known = sites.data ?? [];
  // The address may name a site that is not loaded yet or not in the list. The field must not say "All sites" then.
  const other = siteId !== null && !known.some(({ id }) => id === siteId);
  return (
    <NativeSelect
      {...props}
      aria-label={texts.sessions.site}
      value={siteId ?? all}
      onChange={({ currentTarget: { value } }) => onSelect(value === all ? null : SiteId.parse(value))}
    >
      <option value={all}>{texts.sessions.allSites}</option>
      {known.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
      {other && <option value={siteId}>{sites.isPending ? texts.loading : texts.sessions.otherSite}</option>}
    </NativeSelect>
  );
}
