import { Switch } from '@mantine/core';
import { adminTexts } from '../../../ui/admin-texts.ts';
import type { Organization } from '../api/queries.ts';
import classes from './codes.module.css';
import { useOrganizationChange } from './use-organization-change.ts';

const words = adminTexts.gps;

/** Whether GPS positions of photos are kept. A change applies to new photos and can be undone. */
export function GpsSwitch({ organization }: { organization: Organization }) {
  const { shown, change } = useOrganizationChange(organization, ({ keep_gps: keep }) => ({
    text: keep ? words.kept : words.dropped,
    back: { keep_gps: !keep },
  }));
  return (
    <section className={classes.mode}>
      <Switch
        label={words.label}
        description={words.hint}
        checked={shown.keep_gps}
        onChange={(event) => change({ keep_gps: event.currentTarget.checked })}
      />
    </section>
  );
}
