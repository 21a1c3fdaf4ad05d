import { OrgId } from '@spinbay/contracts';
import { expect, test } from 'vitest';
import { RenderedBodies } from './rendered-bodies.ts';

const org = OrgId.parse('00000000-0000-4000-8000-000000000001');
const otherOrg = OrgId.parse('00000000-0000-4000-8000-000000000002');

/** Renders a text on request and counts the renderings. */
function rendering(text: string) {
  let times = 0;
  let finish = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const render = async () => {
    times += 1;
    await finished;
    return Buffer.from(text);
  };
  return { render, finish, times: () => times };
}

test('ten concurrent requests for one body cause one rendering, and later requests none', async () => {
  const bodies = new RenderedBodies();
  const { render, finish, times } = rendering('gallery');
  const asked = Array.from({ length: 10 }, () => bodies.get(org, 'tag', render));
  finish();
  for (const body of await Promise.all(asked)) expect(body.plain.toString()).toBe('gallery');
  await bodies.get(org, 'tag', render);
  expect(times()).toBe(1);
});

test('a failed rendering of one caller does not affect the others', async () => {
  const bodies = new RenderedBodies();
  const { render, finish } = rendering('gallery');
  const first = bodies.get(org, 'tag', async () => {
    throw new Error('revoked');
  });
  const second = bodies.get(org, 'tag', render);
  finish();
  await expect(first).rejects.toThrow('revoked');
  expect((await second).plain.toString()).toBe('gallery');
});

test('the cache is bounded in bytes and drops the least recently used body first', async () => {
  const bodies = new RenderedBodies(10);
  const texts = ['aaaa', 'bbbb', 'cccc'].map(rendering);
  for (const [k, { render, finish }] of texts.entries()) {
    finish();
    await bodies.get(org, String(k), render);
  }
  for (const [k, { render }] of [...texts.entries()].reverse()) await bodies.get(org, String(k), render);
  expect(texts.map(({ times }) => times())).toEqual([2, 1, 1]);
});

test('two organizations with the same key never share a body, not even while it is rendered', async () => {
  const bodies = new RenderedBodies();
  const [ours, theirs] = [rendering('ours'), rendering('theirs')];
  const asked = [bodies.get(org, 'tag', ours.render), bodies.get(otherOrg, 'tag', theirs.render)];
  ours.finish();
  theirs.finish();
  expect((await Promise.all(asked)).map(({ plain }) => plain.toString())).toEqual(['ours', 'theirs']);
});
