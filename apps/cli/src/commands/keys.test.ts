import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestSecretsManager } from '@spinbay/runtime/testing';
import { rotateSigningKeys } from '@spinbay/tokens';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { keys } from './keys.ts';

let folder: string;
let file: string;
let printed: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spinbay-cli-keys-'));
  file = join(folder, 'signing-keys.json');
  printed = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed.push(String(text).trimEnd());
    return true;
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

const fault = (...args: string[]) => keys.run(args).then(() => 'no error', String);
const kids = async () => (JSON.parse(await readFile(file, 'utf8')).keys as { kid: string }[]).map(({ kid }) => kid);

test('keys are created, rotated and listed', async () => {
  expect(await keys.run(['create', '--file', file])).toBe(0);
  const [first = ''] = await kids();
  expect(printed).toEqual([`Created the key ${first} in ${file}. Keep the file secret, and back it up.`]);
  expect(await fault('create', '--file', file)).toMatch(/already exists/);
  expect(await kids()).toEqual([first]);

  const month = 31 * 24 * 3600;
  const { kid: second } = await rotateSigningKeys(file, Math.floor(Date.now() / 1000) - month - 700);
  const { kid: third } = await rotateSigningKeys(file, Math.floor(Date.now() / 1000) - 700);
  printed = [];
  await keys.run(['list', '--file', file]);
  const lines = printed.join('\n').split('\n');
  expect(lines).toHaveLength(4);
  expect(lines[0]).toMatch(/kid +state/);
  expect(lines.find((line) => line.includes(third))).toMatch(/ signing$/);
  expect(lines.find((line) => line.includes(second))).toMatch(/ accepted until \d{4}-\d\d-\d\d \d\d:\d\d UTC$/);
  // The output does not contain the private key.
  expect(printed.join()).not.toContain(JSON.parse(await readFile(file, 'utf8')).keys[0].d);

  printed = [];
  expect(await keys.run(['rotate', '--file', file])).toBe(0);
  const fourth = (await kids())[0] ?? '';
  expect(printed[0]).toMatch(new RegExp(`^Created the key ${fourth}\\. It signs from .* UTC on\\.$`));
  printed = [];
  await keys.run(['list', '--file', file]);
  expect(printed.join('\n')).toMatch(new RegExp(`${fourth} +pending, signs from .* UTC`));
});

test('a key whose last token has expired is listed until a rotation removes it', async () => {
  await keys.run(['create', '--file', file]);
  const [first = ''] = await kids();
  await rotateSigningKeys(file, Math.floor(Date.now() / 1000) - 32 * 24 * 3600);
  await keys.run(['list', '--file', file]);
  expect(printed.at(-1)).toMatch(new RegExp(`${first} +not accepted since .*; the next rotation removes it`));
  await keys.run(['rotate', '--file', file]);
  expect(printed.at(-1)).toBe(`Removed the key ${first}: its last token has expired.`);
});

test('without --file, the commands use the file of SPINBAY_SIGNING_KEYS, else that of the local installation', async () => {
  vi.stubEnv('SPINBAY_DATA_DIR', folder);
  vi.stubEnv('SPINBAY_SIGNING_KEYS', '');
  await keys.run(['create']);
  expect(await kids()).toHaveLength(1);
  vi.stubEnv('SPINBAY_SIGNING_KEYS', join(folder, 'elsewhere.json'));
  expect(await fault('list')).toMatch(/cannot be read from .*elsewhere\.json/);
});

test('wrong arguments print the usage', async () => {
  for (const args of [[], ['destroy'], ['create', 'rotate'], ['list', '--fiel', 'x']])
    expect(await fault(...args)).toMatch(/CommandError: .*\nUsage: spinbay keys create\|rotate\|list \[--file F\]/);
  expect(await fault('create', '--file', join(folder, 'no', 'keys.json'))).toMatch(
    /ENOENT.* Create the folder first\./,
  );
});

test('keys in an AWS Secrets Manager secret are created once, rotated and listed', async () => {
  const aws = await startTestSecretsManager();
  for (const [name, value] of Object.entries(aws.env)) vi.stubEnv(name, value);
  const arn = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:spinbay/dev/signing-keys-AbCdEf';
  try {
    expect(await fault('create', '--file', arn)).toMatch(/cannot be written \(ResourceNotFoundException\)/);
    aws.secrets.set(arn, {});
    expect(await keys.run(['create', '--if-missing', '--file', arn])).toBe(0);
    const first = aws.secrets.get(arn)?.current;
    expect(await keys.run(['create', '--if-missing', '--file', arn])).toBe(0);
    expect(await fault('create', '--file', arn)).toMatch(/already has a value/);
    expect(aws.secrets.get(arn)?.current).toBe(first);
    expect(await keys.run(['rotate', '--file', arn])).toBe(0);
    printed = [];
    await keys.run(['list', '--file', arn]);
    expect(printed.join()).toMatch(/ signing\n?/);
    expect(printed.join()).toMatch(/pending, signs from/);
  } finally {
    await aws.close();
  }
});

test('create --if-missing does not change an existing file', async () => {
  await keys.run(['create', '--file', file]);
  const before = await kids();
  expect(await keys.run(['create', '--if-missing', '--file', file])).toBe(0);
  expect(await kids()).toEqual(before);
});
