import { Skeleton, Text } from '@mantine/core';
import type { SiteId } from '@spinbay/contracts';
import { shortId } from '../audit-words.ts';
import classes from './admin.module.css';

/** The number of sites that are named. The others are only counted, so that a line stays short. */
const most = 4;

interface SiteTagsProps {
  readonly ids: readonly SiteId[];
  readonly names: ReadonlyMap<SiteId, string>;
  /** The text for an empty list. */
  readonly none: string;
}

export function SiteTags({ ids, names, none }: SiteTagsProps) {
  if (ids.length === 0) {
    return (
      <Text size="sm" c="dimmed" component="span">
        {none}
      </Text>
    );
  }
  if (names.size === 0) return <Skeleton width={96} height={20} />;
  const known = ids
    .map((id) => ({ id, name: names.get(id) ?? shortId(id) }))
    .sort((a, b) => a.name.localeCompare(b.name));
  const rest = known.slice(most);
  return (
    <span className={classes.tags}>
      {known.slice(0, most).map(({ id, name }) => (
        <span key={id} className={classes.tag}>
          {name}
        </span>
      ))}
      {rest.length > 0 && (
        <span className={classes.tag} title={rest.map(({ name }) => name).join(', ')}>
          +{rest.length}
        </span>
      )}
    </span>
  );
}
