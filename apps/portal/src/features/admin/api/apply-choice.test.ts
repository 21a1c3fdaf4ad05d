import { type Client, ConnectionError } from '@spinbay/client';
import { QueryClient } from '@tanstack/react-query';
import { expect, it } from 'vitest';
import { adminTexts } from '../../../ui/admin-texts.ts';
import { applyChoice, type Choice } from './apply-choice.ts';
import { organizationQuery, rejudgementQuery } from './queries.ts';

const choice = { qc_profile: 'v3', qc_edge_width_fail: 2.4 } as Choice;
const noAnswer = new ConnectionError('no answer');

function setUp(rejudge: 'works' | 'fails', update: 'works' | 'fails' = 'works') {
  const client = {
    updateOrganization: async ({ body }: { body: unknown }) => {
      if (update === 'fails') throw noAnswer;
      return { body };
    },
    rejudgeFrames: async () => {
      if (rejudge === 'fails') throw noAnswer;
      return { body: { rejudgement: { done: 0, total: 7 } } };
    },
  } as unknown as Client;
  const queries = new QueryClient();
  return { client, queries };
}

it('says that new frames are judged by the choice if only the judging of earlier ones did not start', async () => {
  const { client, queries } = setUp('fails');
  const notice = await applyChoice({ client, queries }, choice, true);
  expect(notice.failed).toBe(true);
  expect(notice.text).toMatch(/^New frames are judged by this choice, but .* Choose “For all frames” again\.$/);
  expect(queries.getQueryData(organizationQuery(client).queryKey)).toEqual(choice);
  queries.clear();
});

it('says what was applied', async () => {
  const { client, queries } = setUp('works');
  expect(await applyChoice({ client, queries }, choice, false)).toEqual({ text: adminTexts.quality.appliedNew });
  expect(queries.getQueryData(rejudgementQuery(client).queryKey)).toBeUndefined();
  expect(await applyChoice({ client, queries }, choice, true)).toEqual({ text: adminTexts.quality.appliedAll });
  expect(queries.getQueryData(rejudgementQuery(client).queryKey)).toMatchObject({ total: 7 });
  queries.clear();
});

it('fails if the choice itself was not applied', async () => {
  const { client, queries } = setUp('works', 'fails');
  await expect(applyChoice({ client, queries }, choice, true)).rejects.toBe(noAnswer);
  queries.clear();
});
