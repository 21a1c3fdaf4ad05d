import { SessionMode, StockNumber, slotKey, Vin } from '@spinbay/contracts';
import { readEndpoints } from '@spinbay/local-stack';
import { readSettings } from '@spinbay/runtime';
import packageJson from '../../package.json' with { type: 'json' };
import { connectAsDevice } from '../ingest/device-client.ts';
import { type IngestedFrame, type IngestResult, ingestFolder } from '../ingest/ingest-folder.ts';
import { defaultStateFolder, openIngestState } from '../ingest/ingest-state.ts';
import { CommandError } from '../terminal/command-error.ts';
import { given } from '../terminal/given.ts';
import { parseFlags } from '../terminal/parse-flags.ts';
import { Progress } from '../terminal/progress.ts';
import { table } from '../terminal/table.ts';

const usage =
  'ingest FOLDER --stock S [--vin V] [--mode studio360|stills] [--site ID] [--api URL] [--org ID] [--code C] [--json]';

export const ingest = {
  usage,
  about:
    'Shoots a folder of JPEG or HEIC photos as one session, as a device. Sorted by name, photo k of 24 is the angle 15 k. Run it again after a break: it goes on.',
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
    json: { type: 'boolean', default: false },
  });
  const [folder, ...rest] = positionals;
  if (folder === undefined || rest.length > 0) throw new CommandError(`Name one folder.\nUsage: spinbay ${usage}`);
  const stock = given(usage, '--stock', StockNumber, values.stock);
  const vin = values.vin === undefined ? undefined : given(usage, '--vin', Vin, values.vin);
  const mode = given(usage, '--mode', SessionMode, values.mode);
  const { api, orgId } = await findApi(values.api, values.org);
  const state = openIngestState(defaultStateFolder(process.env), api, orgId);
  const client = await connectAsDevice(api, orgId, state, packageJson.version, values.code);
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
    onProgress: (now, done, total) => {
      if (now !== label) progress = new Progress(total);
      label = now;
      progress?.update(now, done);
    },
  });
  progress?.end();
  console.log(values.json ? JSON.stringify(asJson(result)) : asText(result));
  return result.frames.every(isGood) && result.left.length === 0 ? 0 : 1;
}

/** The API named, or the local installation; the local one's demo organization unless another is named. */
async function findApi(api: string | undefined, org: string | undefined): Promise<{ api: string; orgId: string }> {
  const local = await readEndpoints(readSettings(process.env, ['SPINBAY_DATA_DIR']).SPINBAY_DATA_DIR);
  const url = api ?? local?.api;
  if (url === undefined)
    throw new CommandError('No Spinbay runs here. Start one with "npm start", or name one with --api URL --org ID.');
  if (!URL.canParse(url)) throw new CommandError(`--api ${url} is not a URL, e.g. https://spinbay.example.com`);
  const orgId = org ?? local?.demo.org_id;
  if (orgId === undefined) throw new CommandError('--org is missing: the id of your organization there.');
  return { api: url.replace(/\/$/, ''), orgId };
}

function isGood(frame: IngestedFrame): boolean {
  return frame.status === 'processed' || frame.status === 'published';
}

function asJson({ sessionId, frames, seconds }: IngestResult) {
  const images = frames.map(({ id, slot, status, qc, file, reason }) => ({ id, ...slot, status, qc, file, reason }));
  return {
    session_id: sessionId,
    images,
    seconds: { uploaded: round(seconds.uploaded), visible: round(seconds.visible) },
  };
}

function asText({ sessionId, frames, left, seconds }: IngestResult): string {
  const rows = frames.map((frame) => [
    frame.file,
    slotKey(frame.slot),
    frame.status,
    frame.qc === null ? '' : `${frame.qc.sharpness.status} ${Math.round(frame.qc.sharpness.score)}`,
    frame.qc?.exposure.status ?? '',
    frame.reason ?? '',
  ]);
  const good = frames.filter(isGood).length;
  const after = round(seconds.visible - seconds.uploaded);
  return [
    table([['file', 'slot', 'status', 'sharpness', 'exposure', ''], ...rows]),
    ...left.map(({ file, why }) => `  ${file}: ${why}`),
    '',
    `${good} of ${frames.length} frames are good; all were visible ${after} s after the last upload. Session ${sessionId}.`,
  ].join('\n');
}

function round(seconds: number): number {
  return Math.round(seconds * 10) / 10;
}
