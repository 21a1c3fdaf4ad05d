import { Switch } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useApi } from '../../../api/api-context.tsx';
import { faultWords } from '../../../api/faults.ts';
import { adminTexts } from '../../../ui/admin-texts.ts';
import { forgetAudit, type Organization, organizationQuery } from '../api/queries.ts';
import classes from './codes.module.css';
import { useNotice } from './notice.tsx';

const words = adminTexts.gps;

/** Whether the places where photos are taken are kept. It counts from the next photo on, and can be taken back. */
export function GpsSwitch({ organization }: { organization: Organization }) {
  const { client } = useApi();
  const queries = useQueryClient();
  const notify = useNotice();
  const change = useMutation({
    mutationFn: async (keep: boolean) => (await client.updateOrganization({ body: { keep_gps: keep } })).body,
    onSuccess: (changed) => {
      queries.setQueryData(organizationQuery(client).queryKey, changed);
      forgetAudit(queries);
      const { keep_gps: keep } = changed;
      notify({ text: keep ? words.kept : words.dropped, undo: () => change.mutate(!keep) });
    },
    onError: (error) => notify({ text: `${adminTexts.faults.not_done}. ${faultWords(error).title}`, failed: true }),
  });
  return (
    <section className={classes.mode}>
      <Switch
        label={words.label}
        description={words.hint}
        // What was chosen is shown while the server is asked; where it refuses, it jumps back.
        checked={change.isPending ? change.variables : organization.keep_gps}
        onChange={(event) => !change.isPending && change.mutate(event.currentTarget.checked)}
      />
    </section>
  );
}
