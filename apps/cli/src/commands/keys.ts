import { existsSync } from 'node:fs';
import { signingKeysFile } from '@spinbay/local-stack';
import { isSecretArn, openAwsSecret, openSecret, readSettings } from '@spinbay/runtime';
import {
  createSigningKeys,
  firstSigningKeys,
  type ListedKey,
  listSigningKeys,
  type Rotation,
  rotateKeysIn,
  rotateSigningKeys,
} from '@spinbay/tokens';
import { CommandError } from '../terminal/command-error.ts';
import { parseFlags } from '../terminal/parse-flags.ts';
import { print } from '../terminal/print.ts';
import { table } from '../terminal/table.ts';

const usage = 'keys create|rotate|list [--file F] [--if-missing]';

export const keys = {
  usage,
  about:
    'The keys that sign tokens. create: a new file, never over an old one; with --if-missing an old one is fine. rotate: adds a key that signs from ten minutes on, and drops those that were replaced 31 days ago; running APIs take it by themselves. list: which key does what. F is a file or the ARN of a secret of AWS Secrets Manager; without it SPINBAY_SIGNING_KEYS, or the file of the local installation.',
  run,
};

async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseFlags(usage, args, {
    file: { type: 'string' },
    'if-missing': { type: 'boolean', default: false },
  });
  const [verb, ...more] = positionals;
  const file = values.file ?? defaultFile();
  if (more.length > 0) throw new CommandError(`One thing at a time.\nUsage: spinbay ${usage}`);
  if (verb === 'create') await create(file, values['if-missing']);
  else if (verb === 'rotate') await rotate(file);
  else if (verb === 'list') await list(file);
  else throw new CommandError(`Say what to do with the keys.\nUsage: spinbay ${usage}`);
  return 0;
}

/** That of the process beside which this runs, else the local installation's. */
function defaultFile(): string {
  const settings = readSettings(process.env, ['SPINBAY_DATA_DIR'], ['SPINBAY_SIGNING_KEYS']);
  return settings.SPINBAY_SIGNING_KEYS ?? signingKeysFile(settings.SPINBAY_DATA_DIR);
}

async function create(file: string, ifMissing: boolean): Promise<void> {
  const exists = isSecretArn(file) ? (await openAwsSecret(file).readIfSet()) !== null : existsSync(file);
  if (exists && ifMissing) {
    print(`${file} has keys already.`);
    return;
  }
  if (!isSecretArn(file)) {
    const kid = await createSigningKeys(file);
    print(`Made the key ${kid} in ${file}. Keep the file secret, and keep a copy.`);
    return;
  }
  if (exists) throw new CommandError(`${file} has a value already, and its keys may be in use. Rotate them instead.`);
  const { kid, text } = await firstSigningKeys();
  await openAwsSecret(file).write(text, null);
  print(`Made the key ${kid} in ${file}.`);
}

async function rotate(file: string): Promise<void> {
  const { kid, signsFrom, dropped } = await (isSecretArn(file) ? rotateSecret(file) : rotateSigningKeys(file));
  print(`Made the key ${kid}: it signs from ${moment(signsFrom)} on.`);
  print(
    isSecretArn(file)
      ? 'Every API takes it within 30 s.'
      : 'An API that reads this file takes it within 30 s. Copy it to the machines of the others before then.',
  );
  for (const old of dropped) print(`Dropped the key ${old}: its last token has ended.`);
}

async function rotateSecret(arn: string): Promise<Rotation> {
  const secret = openAwsSecret(arn);
  const before = await secret.read();
  const { text, ...rotation } = await rotateKeysIn(arn, before);
  await secret.write(text, before);
  return rotation;
}

async function list(file: string): Promise<void> {
  const rows = (await listSigningKeys(openSecret(file))).map((key) => [key.kid, stateOf(key)]);
  print(table([['kid', 'state'], ...rows]));
}

function stateOf(key: ListedKey): string {
  switch (key.state) {
    case 'signing':
      return 'signing';
    case 'coming':
      return `coming, signs from ${moment(key.from)}`;
    case 'accepted':
      return key.until === null ? 'accepted' : `accepted until ${moment(key.until)}`;
    case 'ended':
      return `no longer accepted since ${moment(key.until)}; the next rotation drops it`;
  }
}

function moment(date: Date): string {
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
