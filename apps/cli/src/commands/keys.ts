import { signingKeysFile } from '@spinbay/local-stack';
import { readSettings } from '@spinbay/runtime';
import { createSigningKeys, type ListedKey, listSigningKeys, rotateSigningKeys } from '@spinbay/tokens';
import { CommandError } from '../terminal/command-error.ts';
import { parseFlags } from '../terminal/parse-flags.ts';
import { print } from '../terminal/print.ts';
import { table } from '../terminal/table.ts';

const usage = 'keys create|rotate|list [--file F]';

export const keys = {
  usage,
  about:
    'The keys that sign tokens. create: a new file, never over an old one. rotate: adds a key that signs from ten minutes on, and drops those that were replaced 31 days ago; running APIs take it by themselves. list: which key does what. The file is SPINBAY_SIGNING_KEYS, or that of the local installation.',
  run,
};

async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseFlags(usage, args, { file: { type: 'string' } });
  const [verb, ...more] = positionals;
  const file = values.file ?? defaultFile();
  if (more.length > 0) throw new CommandError(`One thing at a time.\nUsage: spinbay ${usage}`);
  if (verb === 'create') await create(file);
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

async function create(file: string): Promise<void> {
  const kid = await createSigningKeys(file);
  print(`Made the key ${kid} in ${file}. Keep the file secret, and keep a copy.`);
}

async function rotate(file: string): Promise<void> {
  const { kid, signsFrom, dropped } = await rotateSigningKeys(file);
  print(`Made the key ${kid}: it signs from ${moment(signsFrom)} on.`);
  print('An API that reads this file takes it within 30 s. Copy it to the machines of the others before then.');
  for (const old of dropped) print(`Dropped the key ${old}: its last token has ended.`);
}

async function list(file: string): Promise<void> {
  const rows = (await listSigningKeys(file)).map((key) => [key.kid, stateOf(key)]);
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
