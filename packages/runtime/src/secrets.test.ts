import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { databaseUrlWith, followDatabasePassword } from './database-password.ts';
import { isSecretArn, openAwsSecret, openSecret } from './secret-source.ts';
import { startTestSecretsManager, type TestSecretsManager } from './testing.ts';

const arn = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:spinbay/dev/app-AbCdEf';
const json = (password: string) => JSON.stringify({ username: 'spinbay_app', password });

let folder: string;
let aws: TestSecretsManager;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spinbay-secret-'));
  aws = await startTestSecretsManager();
  for (const [name, value] of Object.entries(aws.env)) vi.stubEnv(name, value);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await aws.close();
  await rm(folder, { recursive: true, force: true });
});

describe('a secret', () => {
  test('is read from a file, or from AWS Secrets Manager if its location is an ARN', async () => {
    const file = join(folder, 'secret.json');
    await writeFile(file, 'of a file');
    aws.secrets.set(arn, { current: 'of AWS' });
    expect([await openSecret(file).read(), await openSecret(arn).read()]).toEqual(['of a file', 'of AWS']);
    for (const location of ['', file, 'arn:aws:s3:::bucket', `${arn} `, 'arn:aws:secretsmanager:eu:1:secret:x'])
      expect([location, isSecretArn(location)]).toEqual([location, false]);
  });

  test('that cannot be read is named with the reason', async () => {
    const file = join(folder, 'missing.json');
    await expect(openSecret(file).read()).rejects.toThrow(`${file} cannot be read (ENOENT).`);
    await expect(openSecret(arn).read()).rejects.toThrow(`${arn} does not exist or has no value.`);
    await aws.close();
    await expect(openSecret(arn).read()).rejects.toThrow(/cannot be read \(ECONNREFUSED\)/);
  });

  test('accepts the first of two concurrent writes and refuses the second', async () => {
    aws.secrets.set(arn, {});
    const secret = openAwsSecret(arn);
    expect(await secret.readIfSet()).toBeNull();
    await secret.write('one', null);
    await expect(secret.write('other', null)).rejects.toThrow(/was changed meanwhile/);
    await secret.write('two', 'one');
    expect(await secret.readIfSet()).toBe('two');
    const both = await Promise.allSettled([secret.write('three', 'two'), secret.write('other', 'two')]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  test('that the console or the AWS CLI has changed since it was read is not overwritten', async () => {
    aws.secrets.set(arn, { current: 'one', version: 'v1' });
    const secret = openAwsSecret(arn);
    aws.secrets.set(arn, { current: 'of the console', version: 'v2', previous: 'v1' });
    await expect(secret.write('two', 'one')).rejects.toThrow(/was changed meanwhile/);
    await expect(secret.write('two', null)).rejects.toThrow(/was changed meanwhile/);
    expect(await secret.readIfSet()).toBe('of the console');
  });

  test('can be replaced again after it got its earlier value back', async () => {
    aws.secrets.set(arn, { current: 'one', version: 'v1' });
    const secret = openAwsSecret(arn);
    await secret.write('two', 'one');
    // A new version has the earlier value.
    await secret.write('one', 'two');
    await secret.write('three', 'one');
    expect(await secret.readIfSet()).toBe('three');
    // The label moves back to the earlier version.
    const { version = '', previous = '' } = aws.secrets.get(arn) ?? {};
    aws.secrets.set(arn, { current: 'one', version: previous, previous: version });
    await secret.write('four', 'one');
    expect(await secret.readIfSet()).toBe('four');
  });
});

describe('the database password', () => {
  test('is read again when it is refused, but not for every connection', async () => {
    aws.secrets.set(arn, { current: json('first') });
    const password = await followDatabasePassword(openSecret(arn), () => undefined);
    for (let k = 0; k < 5; k += 1) expect(await password(undefined)).toBe('first');
    expect(aws.calls).toHaveLength(1);
    aws.secrets.set(arn, { current: json('second') });
    expect(await password('first')).toBe('second');
    // Another attempt to connect, which began with the old password, is refused only now.
    expect(await password('first')).toBe('second');
    expect(aws.calls).toHaveLength(2);
  });

  test('is the pending one during a rotation', async () => {
    aws.secrets.set(arn, { current: json('old'), pending: json('new') });
    const password = await followDatabasePassword(openSecret(arn), () => undefined);
    expect(await password(undefined)).toBe('old');
    expect(await password('old')).toBe('new');
    expect(await password('old')).toBe('new');
    // The rotation is rolled back.
    expect(await password('new')).toBe('old');
  });

  test('stays in use while the secret cannot be read', async () => {
    aws.secrets.set(arn, { current: json('first') });
    const faults: unknown[] = [];
    const password = await followDatabasePassword(openSecret(arn), (error) => faults.push(error));
    aws.secrets.delete(arn);
    expect(await password('first')).toBe('first');
    expect(faults).toEqual([expect.objectContaining({ code: 'no value' })]);
  });

  test.each([
    ['not JSON', 'secret-text', 'is not JSON'],
    ['no object', 'null', 'no member "password"'],
    ['no password', '{"username":"secret-text"}', 'no member "password"'],
    ['an empty one', '{"password":""}', 'no member "password"'],
  ])('with %s is an error that does not contain the text', async (_, text, words) => {
    aws.secrets.set(arn, { current: text });
    const fault = await followDatabasePassword(openSecret(arn), () => undefined).catch(String);
    expect(fault).toContain(words);
    expect(fault).not.toContain('secret-text');
  });

  test('is escaped in a URL', async () => {
    const text = `p@ss:/w?o#r%d`;
    aws.secrets.set(arn, { current: json(text) });
    const url = await databaseUrlWith('postgres://owner@db.test:5432/spinbay?sslmode=verify-full', arn);
    expect(decodeURIComponent(new URL(url).password)).toBe(text);
    expect(await databaseUrlWith('postgres://a:b@c/d', undefined)).toBe('postgres://a:b@c/d');
  });
});
