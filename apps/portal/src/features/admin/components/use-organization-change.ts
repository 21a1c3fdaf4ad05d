import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../../../api/api-context.tsx';
import { faultWords } from '../../../api/faults.ts';
import { adminTexts } from '../../../ui/admin-texts.ts';
import { forgetAudit, type Organization, organizationQuery } from '../api/queries.ts';
import { useNotice } from './notice.tsx';

type Change = { readonly enrolment: Organization['enrolment'] } | { readonly keep_gps: boolean };

/**
 * A setting of the organization that counts at once and can be taken back. What was chosen is shown while the server is
 * asked; where it refuses, it jumps back.
 * @param said what the notice says of the organization as it is now, and the change that takes it back
 */
export function useOrganizationChange(
  organization: Organization,
  said: (changed: Organization) => { text: string; back: Change },
) {
  const { client } = useApi();
  const queries = useQueryClient();
  const notify = useNotice();
  // Of our own: the mutation's state comes a moment after the click, in which a controlled field would jump back.
  const [asked, setAsked] = useState<Change | null>(null);
  const mutation = useMutation({
    mutationFn: async (change: Change) => (await client.updateOrganization({ body: change })).body,
    onSuccess: (changed) => {
      queries.setQueryData(organizationQuery(client).queryKey, changed);
      forgetAudit(queries);
      const { text, back } = said(changed);
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
