import type { Client } from '@spinbay/client';
import type { QcChoice } from '@spinbay/contracts';
import type { QueryClient } from '@tanstack/react-query';
import { faultWords } from '../../../api/faults.ts';
import { adminTexts } from '../../../ui/admin-texts.ts';
import type { Notice } from '../components/notice.tsx';
import { organizationQuery, rejudgementQuery } from './queries.ts';

export type Choice = Pick<QcChoice, 'qc_profile' | 'qc_edge_width_fail'>;

const words = adminTexts.quality;

/** Applies the choice to new frames and, with `all`, starts to judge all earlier ones again. Returns what was done. */
export async function applyChoice(
  { client, queries }: { client: Client; queries: QueryClient },
  choice: Choice,
  all: boolean,
): Promise<Notice> {
  const { body } = await client.updateOrganization({ body: choice });
  queries.setQueryData(organizationQuery(client).queryKey, body);
  if (!all) return { text: words.appliedNew };
  try {
    const { rejudgement } = (await client.rejudgeFrames()).body;
    queries.setQueryData(rejudgementQuery(client).queryKey, rejudgement);
    return { text: words.appliedAll };
  } catch (error) {
    return { text: words.onlyNew(faultWords(error).title), failed: true };
  }
}
