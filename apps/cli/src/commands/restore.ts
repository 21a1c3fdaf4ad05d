import { resolve } from 'node:path';
import { restore as restoreBackup } from '@spinbay/local-stack';
import { readSettings } from '@spinbay/runtime';
import { CommandError } from '../terminal/command-error.ts';
import { parseFlags } from '../terminal/parse-flags.ts';
import { print } from '../terminal/print.ts';

const usage = 'restore FILE';

export const restore = {
  usage,
  about: 'Restores a backup into an empty data folder (SPINBAY_DATA_DIR). Then run "npm start" on that folder.',
  details: '  Nothing is restored from a damaged or truncated file. The data folder must be empty or must not exist.',
  run,
};

async function run(args: string[]): Promise<number> {
  const { positionals } = parseFlags(usage, args, {});
  const [name, ...more] = positionals;
  if (name === undefined || more.length > 0) throw new CommandError(`Name one file.\nUsage: spinbay ${usage}`);
  const { SPINBAY_DATA_DIR: dataDir } = readSettings(process.env, ['SPINBAY_DATA_DIR']);
  let printed = 0;
  const { made_at: madeAt } = await restoreBackup({
    file: resolve(name),
    dataDir,
    onProgress: (label, count) => {
      if (count < printed + 500) return;
      printed = count;
      print(`  ${label}: ${count}`);
    },
  });
  print(`Restored ${dataDir} to its state at ${madeAt}. Start it with "npm start".`);
  return 0;
}
