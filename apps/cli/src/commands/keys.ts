import { exists, signingKeysFile } from '@spinbay/local-stack';
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
    'Manages the keys that sign tokens. create: creates the file and never overwrites one; with --if-missing, an existing file is not an error. rotate: adds a key that signs ten minutes later, and removes keys that were replaced 31 days ago; running APIs load it by themselves. list: shows the state of each key. F is a file or the ARN of an AWS Secrets Manager secret (default: SPINBAY_SIGNING_KEYS, then the file of the local installation).',
  run,
};

async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseFlags(usage, args, {
    file: { type: 'string' },
    'if-missing': { type: 'boolean', default: false },
  });
  const [verb, ...more] = positionals;
  const file = values.file ?? defaultFile();
  if (more.length > 0) throw new CommandError(`Name one command.\nUsage: spinbay ${usage}`);
  if (verb === 'create') await create(file, values['if-missing']);
  else if (verb === 'rotate') await rotate(file);
  else if (verb === 'list') await list(file);
  else throw new CommandError(`Name one command.\nUsage: spinbay ${usage}`);
  return 0;
}

function defaultFile(): string {
  const settings = readSettings(process.env, ['SPINBAY_DATA_DIR'], ['SPINBAY_SIGNING_KEYS']);
  return settings.SPINBAY_SIGNING_KEYS ?? signingKeysFile(settings.SPINBAY_DATA_DIR);
}

async function create(file: string, ifMissing: boolean): Promise<void> {
  const hasKeys = isSecretArn(file) ? (await openAwsSecret(file).readIfSet()) !== null : await exists(file);
  if (hasKeys && ifMissing) {
    print(`${file} already has keys.`);
    return;
  }
  if (!isSecretArn(file)) {
    const kid = await createSigningKeys(file);
    print(`Created the key ${kid} in ${file}. Keep the file secret, and back it up.`);
    return;
  }
  if (hasKeys) throw new CommandError(`${file} already has a value, and its keys may be in use. Rotate them instead.`);
  const { kid, text } = await firstSigningKeys();
  await openAwsSecret(file).write(text, null);
  print(`Created the key ${kid} in ${file}.`);
}

async function rotate(file: string): Promise<void> {
  const { kid, signsFrom, dropped } = await (isSecretArn(file) ? rotateSecret(file) : rotateSigningKeys(file));
  print(`Created the key ${kid}. It signs from ${formatTime(signsFrom)} on.`);
  print(
    isSecretArn(file)
      ? 'Every API loads it within 30 s.'
      : 'An API that reads this file loads it within 30 s. Copy the file to the machines of other APIs before that time.',
  );
  for (const old of dropped) print(`Removed the key ${old}: its last token has expired.`);
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
    case 'pending':
      return `pending, signs from ${formatTime(key.from)}`;
    case 'accepted':
      return key.until === null ? 'accepted' : `accepted until ${formatTime(key.until)}`;
    case 'expired':
      return `not accepted since ${formatTime(key.until)}; the next rotation removes it`;
  }
}

function formatTime(date: Date): string {
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
