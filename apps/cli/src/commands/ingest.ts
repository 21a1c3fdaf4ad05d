import { SessionMode, StockNumber, Vin } from '@spinbay/contracts';
import { isLoopback, readEndpoints } from '@spinbay/local-stack';
import { readSettings } from '@spinbay/runtime';
import packageJson from '../../package.json' with { type: 'json' };
import { chooseFit } from '../ingest/choose-fit.ts';
import { connectAsDevice } from '../ingest/device-client.ts';
import { type IngestResult, ingestFolder } from '../ingest/ingest-folder.ts';
import { defaultStateFolder, openIngestState } from '../ingest/ingest-state.ts';
import { asJson, asText, exitStatus } from '../ingest/report.ts';
import { CommandError } from '../terminal/command-error.ts';
import { parseFlags } from '../terminal/parse-flags.ts';
import { parseOption } from '../terminal/parse-option.ts';
import { print, printJson } from '../terminal/print.ts';
import { Progress } from '../terminal/progress.ts';
import { liveTable } from '../watch/live-table.ts';
import { readCommands } from '../watch/read-commands.ts';
import { runWatch } from '../watch/run-watch.ts';

const usage =
  'ingest FOLDER --stock S [--vin V] [--mode studio360|stills] [--site ID] [--api URL] [--org ID] [--code C] [--keep|--reassign] [--watch [--session ID]] [--previews] [--json]';

export const ingest = {
  usage,
  about:
    'Uploads a folder of JPEG or HEIC photos as one session. The photos are sorted by name; 24 photos are 15 degrees apart. After an interruption, run the command again to continue.',
  details: `
  --stock, --vin      the vehicle
  --mode              studio360 (a spin, the default) or stills (each file name is the name of a shot)
  --site              the id of the site (default: the first site)
  --api, --org        an installation on another computer, and the organization there
  --code              the enrolment code, if the organization requires one
  --keep, --reassign  if the folder has changed since it was uploaded: keep the uploaded photos in their slots, or
                      upload all photos as a new session
  --watch             upload photos as a camera program writes them, each into the next open slot. Type "u" to undo the
                      last photo and "d" when the car is done. Photos that are in the folder already are ignored
  --session           with --watch: continue this session
  --previews          upload a small preview of each JPEG first, even if the server's address is on this computer: for a
                      server behind a tunnel. For a server on another computer, this is the default
  --json              print the result as one JSON object on stdout

  Exit status: 0 all photos were delivered and passed; 1 a photo was not delivered; 2 all photos were delivered, but
  some failed quality control.`,
  run,
};

async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseFlags(usage, args, {
    stock: { type: 'string' },
    vin: { type: 'string' },
    mode: { type: 'string', default: 'studio360' },
    site: { type: 'string' },
    api: { type: 'string' },
    org: { type: 'string' },
    code: { type: 'string' },
    keep: { type: 'boolean', default: false },
    reassign: { type: 'boolean', default: false },
    watch: { type: 'boolean', default: false },
    session: { type: 'string' },
    previews: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  });
  const [folder, ...rest] = positionals;
  if (folder === undefined || rest.length > 0) throw new CommandError(`Name one folder.\nUsage: spinbay ${usage}`);
  // With --session, the vehicle is that of the session.
  const stock = values.session === undefined ? parseOption(usage, '--stock', StockNumber, values.stock) : '';
  const vin = values.vin === undefined ? undefined : parseOption(usage, '--vin', Vin, values.vin);
  const mode = parseOption(usage, '--mode', SessionMode, values.mode);
  if (values.keep && values.reassign) throw new CommandError('Use --keep or --reassign, not both.');
  if (values.session !== undefined && !values.watch) throw new CommandError('--session requires --watch.');
  if (values.watch && (values.keep || values.reassign))
    throw new CommandError('--keep and --reassign cannot be used with --watch.');
  const choice = values.keep ? 'keep' : values.reassign ? 'reassign' : undefined;
  const { api, orgId } = await findApi(values.api, values.org);
  const state = openIngestState(defaultStateFolder(process.env), api, orgId);
  const client = await connectAsDevice(api, orgId, state, packageJson.version, values.code);
  // On this machine, previews would take time and save none.
  const withPreviews = values.previews || !(await isLoopback(new URL(api).hostname));
  if (values.watch) {
    const controller = new AbortController();
    try {
      const watched = await runWatch({
        ...{ folder, stock, vin, mode, siteId: values.site, client, state, withPreviews, sessionId: values.session },
        commands: readCommands(process.stdin, controller.signal),
        onChange: liveTable(),
      });
      return printResult(watched, values.json);
    } finally {
      // After a failed watch, commands may still be read. The open input would keep this process running.
      controller.abort();
    }
  }
  let progress: Progress | undefined;
  let label = '';
  const result = await ingestFolder({
    folder,
    stock,
    vin,
    mode,
    siteId: values.site,
    client,
    state,
    withPreviews,
    onChanged: chooseFit(choice, process.stdin.isTTY && process.stderr.isTTY && !values.json),
    onProgress: (now, done, total) => {
      if (now !== label) progress = new Progress(total);
      label = now;
      progress?.update(now, done);
    },
  });
  progress?.end();
  return printResult(result, values.json);
}

function printResult(result: IngestResult, json: boolean): number {
  if (json) printJson(asJson(result));
  else print(asText(result));
  return exitStatus(result);
}

/** The API of `--api` or of the local installation, with the organization of `--org` or the local demo organization. */
async function findApi(api: string | undefined, org: string | undefined): Promise<{ api: string; orgId: string }> {
  const { SPINBAY_DATA_DIR } = readSettings(process.env, ['SPINBAY_DATA_DIR']);
  const local = api === undefined || org === undefined ? await readEndpoints(SPINBAY_DATA_DIR) : null;
  const url = api ?? local?.api;
  if (url === undefined)
    throw new CommandError(
      'Spinbay does not run here. Start it with "npm start", or use --api URL --org ID for an installation elsewhere.',
    );
  if (!URL.canParse(url)) throw new CommandError(`--api ${url} is not a URL. Example: https://spinbay.example.com`);
  const orgId = org ?? local?.demo?.org_id;
  if (orgId === undefined) throw new CommandError('--org is missing. Give the id of your organization there.');
  return { api: url.replace(/\/$/, ''), orgId };
}
