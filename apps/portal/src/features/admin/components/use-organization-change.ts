import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../../../api/api-context.tsx';
import { faultWords } from '../../../api/faults.ts';
import { adminTexts } from '../../../ui/admin-texts.ts';
import { invalidateAudit, type Organization, organizationQuery } from '../api/queries.ts';
import { useNotice } from './notice.tsx';

type Change =
  | { readonly enrolment: Organization['enrolment'] }
  | { readonly keep_gps: boolean }
  | { readonly audit_days: number | null }
  | { readonly qc_min_long_side: number | null };

/**
 * A setting of the organization that takes effect immediately and can be undone. The new value is shown during the request
 * and reverts if the server refuses it.
 * @param describe returns the text of the notice, and the change that undoes this one
 */
export function useOrganizationChange(
  organization: Organization,
  describe: (changed: Organization, before: Organization) => { text: string; back: Change },
) {
  const { client } = useApi();
  const queries = useQueryClient();
  const notify = useNotice();
  // Not the mutation's variables: they change a moment after the click, and a controlled field would jump back meanwhile.
  const [asked, setAsked] = useState<Change | null>(null);
  const mutation = useMutation({
    mutationFn: async (change: Change) => (await client.updateOrganization({ body: change })).body,
    onSuccess: (changed) => {
      const { queryKey } = organizationQuery(client);
      const before = queries.getQueryData(queryKey) ?? organization;
      queries.setQueryData(queryKey, changed);
      invalidateAudit(queries);
      const { text, back } = describe(changed, before);
      notify({ text, undo: () => ask(back) });
    },
    onError: (error) => notify({ text: `${adminTexts.faults.not_done}. ${faultWords(error).title}`, failed: true }),
    onSettled: () => setAsked(null),
  });
  const ask = (change: Change) => {
    setAsked(change);
    mutation.mutate(change);
  };
  return {
    shown: { ...organization, ...asked },
    change: (change: Change) => asked === null && ask(change),
  };
}
