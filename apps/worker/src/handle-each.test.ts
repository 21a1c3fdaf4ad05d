import { ObjectStoreUnavailable } from '@spinbay/objects';
import { expect, test } from 'vitest';
import { handleEach } from './handle-each.ts';
import { never } from './testing.ts';

const away = () => new ObjectStoreUnavailable('away', null);

/** Handles these items, of which some fail. @returns what was handled and what failed, and the outcome */
async function handleAll(items: readonly (string | Error)[], signal = never) {
  const [handled, failed]: [string[], unknown[]] = [[], []];
  const outcome = await handleEach(
    items,
    signal,
    async (item) => {
      if (typeof item !== 'string') throw item;
      handled.push(item);
    },
    (error) => failed.push(error),
  ).catch((error: unknown) => error);
  return { handled, failed, outcome };
}

test('an item that fails is reported, and the others are handled', async () => {
  const fault = new Error('of the test');
  expect(await handleAll(['a', fault, 'b', fault, fault, fault, 'c'])).toEqual({
    handled: ['a', 'b', 'c'],
    failed: [fault, fault, fault, fault],
    outcome: undefined,
  });
});

test('an item for which a store is unavailable does not stop the others, and the round fails at its end', async () => {
  const fault = away();
  expect(await handleAll(['a', fault, fault, 'b', fault, 'c'])).toEqual({
    handled: ['a', 'b', 'c'],
    failed: [fault, fault, fault],
    outcome: fault,
  });
});

test('a store that is unavailable for three items in a row ends the round', async () => {
  const last = away();
  expect(await handleAll(['a', away(), away(), last, 'b'])).toMatchObject({ handled: ['a'], outcome: last });
});

test('an aborted signal ends the round with its reason', async () => {
  const reason = new Error('stopping');
  expect(await handleAll(['a'], AbortSignal.abort(reason))).toEqual({ handled: [], failed: [], outcome: reason });
});
