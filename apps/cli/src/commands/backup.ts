import { resolve } from 'node:path';
import { backUp } from '@spinbay/local-stack';
import { readSettings } from '@spinbay/runtime';
import packageJson from '../../package.json' with { type: 'json' };
import { CommandError } from '../terminal/command-error.ts';
import { parseFlags } from '../terminal/parse-flags.ts';
import { print } from '../terminal/print.ts';
import { Progress } from '../terminal/progress.ts';

const usage = 'backup FILE';

export const backup = {
  usage,
  about:
    'Writes a consistent copy of the local installation (database, photos, secrets) to FILE. The installation may run or be stopped.',
  details: '  The file contains every secret of the installation. Only you can read it (mode 0600). Keep it that way.',
  run,
};

async function run(args: string[]): Promise<number> {
  const { positionals } = parseFlags(usage, args, {});
  const [name, ...more] = positionals;
  if (name === undefined || more.length > 0) throw new CommandError(`Name one file.\nUsage: spinbay ${usage}`);
  const {
    SPINBAY_DATA_DIR: dataDir,
    S3_ENDPOINT,
    SQS_QUEUE_URL,
  } = readSettings(process.env, ['SPINBAY_DATA_DIR'], ['S3_ENDPOINT', 'SQS_QUEUE_URL']);
  const file = resolve(name);
  let bar: { label: string; progress: Progress } | undefined;
  const { blobs, bytes } = await backUp({
    dataDir,
    file,
    version: packageJson.version,
    onProgress: (label, count, total) => {
      if (bar?.label !== label) bar = { label, progress: new Progress(total) };
      bar.progress.update(label, count);
    },
  });
  bar?.progress.end();
  print(`Backed up ${dataDir} to ${file}: ${blobs} objects, ${(bytes / 1e6).toFixed(0)} MB.`);
  const elsewhere = S3_ENDPOINT ?? (SQS_QUEUE_URL === undefined ? undefined : 'Amazon S3');
  if (elsewhere !== undefined) print(`The photos at ${elsewhere} are not in it. Back them up with their own tools.`);
  print('Restore it into an empty folder with "spinbay restore FILE".');
  return 0;
}
