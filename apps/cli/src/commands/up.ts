import { rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exists, type Stack, startStack } from '@spinbay/local-stack';
import { qualityControl, readSettings } from '@spinbay/runtime';
import packageJson from '../../package.json' with { type: 'json' };
import { connectAsDevice } from '../ingest/device-client.ts';
import { ingestFolder } from '../ingest/ingest-folder.ts';
import { openIngestState } from '../ingest/ingest-state.ts';
import { createCode } from '../org/actions.ts';
import { withInstallation } from '../org/installation.ts';
import { rejectOnAbort } from '../reject-on-abort.ts';
import { CommandError } from '../terminal/command-error.ts';
import { parseFlags } from '../terminal/parse-flags.ts';
import { Phases } from '../terminal/phases.ts';
import { print } from '../terminal/print.ts';
import { Progress } from '../terminal/progress.ts';
import { welcome } from '../terminal/welcome.ts';
import { trustAuthority } from '../trust-authority.ts';
import { drawSample } from './sample.ts';
import { sampleOutcome } from './sample-outcome.ts';

const usage = 'up [--no-sample] [--lan [ADDRESS] [--name HOST]]';

/** In seconds: a working day. */
const codeLifetime = 8 * 3600;

export const up = {
  usage,
  about:
    'Runs everything on this machine: database, object store, sign-in, API, worker, portal, capture app, and at the first start a sample spin. "npm start" runs this command.',
  details: [
    '  --no-sample      skip the sample spin',
    '  --lan [ADDRESS]  make everything reachable from phones at one HTTPS address: this address of the machine',
    '                   (default: SPINBAY_LAN_ADDRESS, else the address of the default route), port SPINBAY_LAN_PORT',
    '  --name HOST      let phones use this host name of the machine instead of the address',
  ].join('\n'),
  run,
};

async function run(args: string[]): Promise<never> {
  const { values, positionals } = parseFlags(usage, args, {
    'no-sample': { type: 'boolean', default: false },
    lan: { type: 'boolean', default: false },
    name: { type: 'string' },
  });
  const [address, ...more] = positionals;
  if (more.length > 0 || (!values.lan && (address ?? values.name) !== undefined))
    throw new CommandError(
      `${[...positionals, values.name].filter(Boolean).join(' ')}: unexpected. Only --lan takes an address and a --name, at most one of each.\nUsage: spinbay ${usage}`,
    );
  const settings = readSettings(
    process.env,
    [
      'SPINBAY_DATA_DIR',
      'SPINBAY_HOST',
      'SPINBAY_API_PORT',
      'SPINBAY_PORTAL_PORT',
      'SPINBAY_CAPTURE_PORT',
      'SPINBAY_CLOUD_PORT',
      'SPINBAY_OIDC_PORT',
      'SPINBAY_PG_PORT',
      'SPINBAY_LAN_PORT',
      'S3_BUCKET',
      'AWS_REGION',
      'OIDC_CLIENT_ID',
      'SPINBAY_TRUSTED_PROXIES',
      'WORKER_DELETIONS',
      ...qualityControl,
      'LOG_LEVEL',
    ],
    [
      'DATABASE_URL',
      'WORKER_CONCURRENCY',
      'S3_ENDPOINT',
      'S3_PUBLIC_ENDPOINT',
      'S3_REGION',
      'S3_ACCESS_KEY_ID',
      'S3_SECRET_ACCESS_KEY',
      'SQS_ENDPOINT',
      'SQS_QUEUE_URL',
      'OIDC_ISSUER',
      'SPINBAY_LAN_ADDRESS',
      'SPINBAY_PUBLIC_URL',
      'SPINBAY_DEMO',
    ],
  );
  const stopped = stopSignal();
  const phases = new Phases();
  const stack = await startStack({
    settings,
    dist: dirname(fileURLToPath(import.meta.url)),
    env: process.env,
    lan: values.lan ? { address, name: values.name } : undefined,
    onPhase: (phase) => phases.begin(phase),
    onEvent: print,
  });
  phases.end();
  try {
    if (stack.lan !== null) await trustAuthority(stack.lan.authorityFile);
    const sample = values['no-sample']
      ? null
      : await runSample(stack, phases, stopped.signal).catch((error: Error) => {
          if (stopped.signal.aborted) throw error;
          // The installation runs, and does not depend on the sample spin.
          return `not finished (${error.message}). The next start continues it`;
        });
    const { demo } = stack.endpoints;
    const code = stack.isClosed && demo !== null ? await oneTimeCode(demo, 'Phone by QR code') : null;
    if (!stopped.signal.aborted) print(welcome(stack, sample, code));
    await stopped.asked;
  } catch (error) {
    if (!stopped.signal.aborted) throw error;
  } finally {
    phases.begin('stopping');
    await stack.stop();
    phases.end();
  }
  // An interrupted sample spin would keep retrying against the stopped processes.
  process.exit(0);
}

/** Aborts on Ctrl-C, SIGTERM and SIGHUP, and at the end of the `npm start` that runs this command. */
function stopSignal() {
  const controller = new AbortController();
  const asked = new Promise<void>((resolve) => {
    const stop = () => {
      controller.abort();
      resolve();
    };
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, stop);
    // Under `npm start`, this process ends when npm ends. Started by hand, it may outlive its shell.
    if (process.env.npm_lifecycle_event === 'start') watchParent(stop);
  });
  return { signal: controller.signal, asked };
}

function watchParent(onGone: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    onGone();
  }, 500);
  timer.unref();
}

/**
 * At the first start, ingests 24 frames of 12 megapixels. The next start continues an interrupted run.
 * @returns the result as text; null if there is no demo organization or the sample spin was complete before
 */
async function runSample(stack: Stack, phases: Phases, signal: AbortSignal): Promise<string | null> {
  const { api, demo } = stack.endpoints;
  const done = join(stack.dataDir, 'sample-done');
  if (demo === null || (await exists(done))) return null;
  const folder = join(stack.dataDir, 'sample-spin');
  if (!(await exists(folder))) {
    phases.begin('drawing the sample spin');
    await drawSample(folder, { signal });
    phases.end();
  }
  phases.begin('sample spin');
  const state = openIngestState(join(stack.dataDir, 'sample-device'), api, demo.org_id);
  const code = stack.isClosed && (await state.device()) === null ? await oneTimeCode(demo, 'Sample spin') : undefined;
  const client = await connectAsDevice(api, demo.org_id, state, packageJson.version, code?.code);
  let bar: { label: string; progress: Progress } | undefined;
  const work = ingestFolder({
    folder,
    stock: 'SAMPLE-1',
    mode: 'studio360',
    client,
    state,
    withPreviews: false,
    onChanged: async () => 'reassign',
    onProgress: (label, count, total) => {
      if (bar?.label !== label) bar = { label, progress: new Progress(total) };
      bar.progress.update(label, count);
    },
  });
  const result = await Promise.race([work, rejectOnAbort(signal)]);
  bar?.progress.end();
  phases.end();
  const { isDone, text } = sampleOutcome(result);
  if (isDone) {
    await writeFile(done, '');
    await rm(folder, { recursive: true, force: true });
  }
  return text;
}

/** Creates a code for a device of the demo organization. */
function oneTimeCode({ org_id, site_ids }: NonNullable<Stack['endpoints']['demo']>, label: string) {
  // Bound to every site: two phones can continue each other's sessions.
  const wanted = { label, lifetime: codeLifetime, sites: site_ids, allSites: false };
  return withInstallation(process.env, (installation) => createCode(installation, org_id, wanted));
}
