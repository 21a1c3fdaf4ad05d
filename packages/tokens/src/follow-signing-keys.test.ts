import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type FollowedSigningKeys, followSigningKeys } from './follow-signing-keys.ts';
import { createSigningKeys, firstSigningKeys, rotateKeysIn, rotateSigningKeys } from './key-file.ts';

let folder: string;
let file: string;
let first: string;
let changes: number;
let faults: string[];
let followed: FollowedSigningKeys;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spinbay-follow-'));
  file = join(folder, 'keys.json');
  first = await createSigningKeys(file);
  changes = 0;
  faults = [];
});
afterEach(async () => {
  followed?.close();
  await rm(folder, { recursive: true, force: true });
});

async function follow(intervals: { everyMs?: number; unknownKidEveryMs?: number }) {
  followed = await followSigningKeys(file, {
    onChange: () => {
      changes += 1;
    },
    onFault: ({ message }) => faults.push(message),
    ...intervals,
  });
}
/** A rotation whose new key signs at once. */
const rotate = () => rotateSigningKeys(file, Math.floor(Date.now() / 1000) - 601);

test('picks up a rotation without a restart', async () => {
  await follow({ everyMs: 20 });
  expect(followed.signing().kid).toBe(first);
  const { kid } = await rotate();
  await expect.poll(() => followed.signing().kid).toBe(kid);
  expect(await followed.find(first)).not.toBeNull();
  expect(followed.publicKeys().keys.map((key) => key.kid)).toEqual([kid, first]);
  expect([changes, faults]).toEqual([1, []]);
});

test('reads the file again for an unknown kid, but not for every token', async () => {
  // Prepared first, because generating a key takes a while.
  const files = [await readFile(file)];
  const { kid } = await rotate();
  files.push(await readFile(file));
  const { kid: next } = await rotate();
  files.push(await readFile(file));
  await writeFile(file, files[0] ?? '');
  await follow({ everyMs: 600_000, unknownKidEveryMs: 2_000 });
  await writeFile(file, files[1] ?? '');
  expect(await followed.find(kid)).not.toBeNull();
  // The file was just read.
  await writeFile(file, files[2] ?? '');
  await Promise.all(Array.from({ length: 200 }, (_, k) => followed.find(`made-up-${k}`)));
  expect(await followed.find(next)).toBeNull();
  expect(changes).toBe(1);
  await expect.poll(() => followed.find(next), { timeout: 10_000 }).not.toBeNull();
  expect(changes).toBe(2);
});

test('reads the file once for concurrent tokens with a new key', async () => {
  await follow({ everyMs: 600_000 });
  const { kid } = await rotate();
  const found = await Promise.all(Array.from({ length: 50 }, () => followed.find(kid)));
  expect(found.filter((key) => key === null)).toEqual([]);
  expect(changes).toBe(1);
});

test('reports a broken file once, keeps the last keys and picks up the repaired file', async () => {
  await follow({ everyMs: 20 });
  const good = await readFile(file, 'utf8');
  await writeFile(file, '{');
  await expect.poll(() => faults).toEqual([expect.stringContaining('is not JSON')]);
  await rm(file);
  await expect.poll(() => faults.length).toBe(2);
  expect(faults[1]).toMatch(/cannot be read/);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(faults).toHaveLength(2);
  expect(followed.signing().kid).toBe(first);
  expect(await followed.find(first)).not.toBeNull();
  await writeFile(file, good);
  await expect.poll(() => changes).toBe(1);
});

test('follows keys from another source', async () => {
  let text = (await firstSigningKeys()).text;
  const source = { name: 'a vault', read: async () => text };
  followed = await followSigningKeys(source, {
    onChange: () => {
      changes += 1;
    },
    onFault: ({ message }) => faults.push(message),
    everyMs: 20,
  });
  const { kid: old } = followed.signing();
  const rotated = await rotateKeysIn(source.name, text, Math.floor(Date.now() / 1000) - 601);
  text = rotated.text;
  await expect.poll(() => followed.signing().kid).toBe(rotated.kid);
  expect(await followed.find(old)).not.toBeNull();
  text = '{';
  await expect.poll(() => faults).toEqual([expect.stringContaining('a vault is not JSON')]);
  expect(followed.signing().kid).toBe(rotated.kid);
});

test('fails at the start if the file is invalid', async () => {
  await writeFile(file, '{}');
  await expect(follow({})).rejects.toThrow(/not a JWK set/);
});
