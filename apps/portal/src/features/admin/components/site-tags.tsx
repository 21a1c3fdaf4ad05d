import { Text } from '@mantine/core';
import type { SiteId } from '@spinbay/contracts';
import classes from './admin.module.css';

/** Sites that fit into a line of a list; the others are counted. */
const most = 4;

interface SiteTagsProps {
  readonly ids: readonly SiteId[];
  readonly names: ReadonlyMap<SiteId, string>;
  /** What no site at all means. */
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
  const known = ids.map((id) => names.get(id) ?? id.slice(0, 8)).sort((a, b) => a.localeCompare(b));
  const rest = known.slice(most);
  return (
    <span className={classes.tags}>
      {known.slice(0, most).map((name) => (
        <span key={name} className={classes.tag}>
          {name}
        </span>
      ))}
      {rest.length > 0 && (
        <span className={classes.tag} title={rest.join(', ')}>
          +{rest.length}
        </span>
      )}
    </span>
  );
}
