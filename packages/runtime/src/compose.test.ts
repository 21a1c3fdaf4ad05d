import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readServiceSettings, type ServiceName, services as settingsOf } from './services.ts';
import { readSettings, settings } from './settings.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const read = (file: string) => readFileSync(join(root, file), 'utf8');

interface Service {
  readonly image: string;
  readonly build?: { readonly dockerfile: string; readonly target: string };
  readonly command?: readonly string[];
  readonly env_file?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: object;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
}

const text = read('compose.yaml');
const compose = parse(text, { merge: true }) as {
  services: Readonly<Record<string, Service>>;
  volumes: Readonly<Record<string, null>>;
};
const services = Object.entries(compose.services);
const own = services.filter(([, { image }]) => image.startsWith('spinbay-'));
/** The values in the operator's `.env` file. */
const operator: Readonly<Record<string, string>> = { DOMAIN: 'photos.example', OIDC_ISSUER: 'https://id.example' };
/** The processes, by the target of their image. The image `migrate` contains the command line instead. */
const processes: Readonly<Record<string, ServiceName>> = {
  api: 'api',
  worker: 'worker',
  portal: 'portal',
  capture: 'capture',
  store: 'cloud',
};
/** What each command reads from the environment. */
const commands: Readonly<Record<string, () => void>> = {
  migrate: () => readSettings(environmentOf('migrate'), ['DATABASE_URL']),
  keys: () => readSettings(environmentOf('keys'), ['SPINBAY_SIGNING_KEYS']),
  store: () =>
    readSettings(environmentOf('bucket'), [
      'S3_ENDPOINT',
      'S3_BUCKET',
      'AWS_REGION',
      'AWS_ACCESS_KEY_ID',
      'AWS_SECRET_ACCESS_KEY',
      'SPINBAY_PORTAL_URL',
      'SPINBAY_CAPTURE_URL',
    ]),
};

/** A checkout in which the operator has created the secrets. */
let checkout: string;
beforeAll(() => {
  checkout = mkdtempSync(join(tmpdir(), 'spinbay-compose-'));
  createSecrets(checkout);
});
afterAll(() => rmSync(checkout, { recursive: true, force: true }));

function createSecrets(folder: string): void {
  mkdirSync(join(folder, 'deploy'), { recursive: true });
  cpSync(join(root, 'deploy/compose'), join(folder, 'deploy/compose'), { recursive: true });
  execFileSync('sh', ['deploy/compose/create-secrets.sh'], { cwd: folder, stdio: 'pipe' });
}

/** The variables in a file that `env_file` names. */
function variablesIn(file: string, folder = checkout): Record<string, string> {
  const lines = readFileSync(join(folder, file), 'utf8').trim().split('\n');
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

/** Replaces `${NAME}`, `${NAME:-default}` and `${NAME:?message}` as Compose does. */
function interpolate(value: string): string {
  return value.replaceAll(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_, name: string, kind?: string, word?: string) => {
    const given = operator[name] ?? (kind === '-' ? word : undefined);
    if (given === undefined) throw new Error(`${name} is not set`);
    return given;
  });
}

/** The environment of a container: the variables of its image, of its secrets file and of compose.yaml. */
function environmentOf(name: string): Record<string, string> {
  const { env_file: file, environment = {}, build } = compose.services[name] ?? {};
  const ofImage = build === undefined ? {} : variablesOfImage(build.target);
  const here = Object.entries(environment).map(([key, value]) => [key, interpolate(String(value))]);
  return { ...ofImage, ...(file === undefined ? {} : variablesIn(file)), ...Object.fromEntries(here) };
}

/** The lines of a stage of the Dockerfile. */
function stageOf(target: string): string {
  const [, stage] =
    new RegExp(`^FROM base AS ${target}$(.*?)(?=^FROM |$(?![^]))`, 'ms').exec(read('containers/Dockerfile')) ?? [];
  if (stage === undefined) throw new Error(`containers/Dockerfile has no stage ${target}`);
  return stage;
}

function variablesOfImage(target: string): Record<string, string> {
  const found = [...stageOf(target).matchAll(/^ENV (.+)$/gm)].flatMap(([, line = '']) => line.split(' '));
  return Object.fromEntries(found.map((pair) => pair.split('=') as [string, string]));
}

/** The keys of all maps in a value. */
function namesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [name, ...namesIn(inner)]);
}

describe.each(own)('%s', (name, service) => {
  test('has an image that the build makes', () => {
    expect(service.image).toBe(`spinbay-${service.build?.target}`);
    expect(existsSync(join(root, service.build?.dockerfile ?? ''))).toBe(true);
    expect(read('scripts/images.mjs')).toContain(`  ${service.build?.target}: ['${service.build?.target}'],`);
    expect(stageOf(service.build?.target ?? '')).not.toBe('');
  });

  test('gets all settings that it needs, and no unknown ones', () => {
    const target = service.build?.target ?? '';
    const names = Object.keys(environmentOf(name)).filter((key) => !key.startsWith('MALLOC_'));
    const process = processes[target];
    if (process === undefined) {
      expect(names.filter((key) => !(key in settings))).toEqual([]);
      commands[service.command?.[0] ?? '']?.();
      expect(Object.keys(commands)).toContain(service.command?.[0]);
      return;
    }
    const { required, optional, callsAws } = settingsOf[process];
    const known: readonly string[] = [
      ...required,
      ...optional,
      ...(callsAws ? ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'] : []),
    ];
    expect(names.filter((key) => !known.includes(key))).toEqual([]);
    readServiceSettings(process, environmentOf(name));
    // Without these endpoints, the process would call Amazon's.
    const needed = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'S3_ENDPOINT', 'SQS_ENDPOINT'];
    if (callsAws) expect(names).toEqual(expect.arrayContaining(needed));
  });

  test('runs without privileges on a file system that it cannot change', () => {
    expect([service.read_only, service.cap_drop, service.security_opt]).toEqual([true, ['ALL'], ['no-new-privileges']]);
  });
});

test('other images have a version', () => {
  const others = services.filter(([name]) => !own.some(([ours]) => ours === name));
  expect(others.map(([name]) => name)).toEqual(['database', 'caddy']);
  for (const [, { image }] of others) expect(image).toMatch(/:\d[\w.-]*$/);
});

test('contains no password: each secret comes from a file that the operator creates', () => {
  const names = namesIn(compose);
  expect(names).toContain('SPINBAY_API_URL');
  expect(names.filter((name) => /PASSWORD|SECRET|TOKEN|ACCESS_KEY|DATABASE_URL/i.test(name))).toEqual([]);
  expect(text).not.toMatch(/:\/\/[^/\s]*@/);
});

test('every file, volume and service that it names exists, and only Caddy opens ports', () => {
  for (const [name, { volumes = [], env_file: file, depends_on: needs = {} }] of services) {
    for (const [source = ''] of volumes.map((volume) => volume.split(':'))) {
      if (source.startsWith('.')) expect(existsSync(join(root, source)), source).toBe(true);
      else expect(Object.keys(compose.volumes)).toContain(source);
    }
    if (file !== undefined) expect(existsSync(join(checkout, file)), file).toBe(true);
    for (const [other, { condition }] of Object.entries(needs)) {
      const needed = compose.services[other];
      expect(needed, `${name} needs ${other}`).toBeDefined();
      const runsOnce = needed?.command !== undefined;
      if (condition === 'service_completed_successfully') expect(runsOnce).toBe(true);
      else
        expect(needed?.healthcheck !== undefined || stageOf(needed?.build?.target ?? '').includes('HEALTHCHECK')).toBe(
          true,
        );
    }
  }
  expect(services.filter(([, { ports = [] }]) => ports.length > 0).map(([name]) => name)).toEqual(['caddy']);
});

test('Caddy forwards to the services, at the ports that their images open', () => {
  const { environment = {} } = compose.services.caddy ?? {};
  for (const [part, setting] of [
    ['api', 'API'],
    ['portal', 'PORTAL'],
    ['capture', 'CAPTURE'],
    ['store', 'CLOUD'],
  ] as const) {
    expect(environment[`${setting}_HOST`]).toBe(part);
    const [, port] =
      new RegExp(`\\{\\$${setting}_HOST:[^}]+\\}:\\{\\$SPINBAY_${setting}_PORT:(\\d+)\\}`).exec(
        read('deploy/Caddyfile'),
      ) ?? [];
    expect(stageOf(part)).toContain(`EXPOSE ${port}\n`);
  }
});

test('the container that creates the bucket can also manage the dead-letter queue', () => {
  const needed = ['SQS_QUEUE_URL', 'SQS_ENDPOINT', 'AWS_REGION'] as const;
  const { SQS_QUEUE_URL, SQS_ENDPOINT } = environmentOf('worker');
  expect(readSettings(environmentOf('bucket'), needed)).toMatchObject({ SQS_QUEUE_URL, SQS_ENDPOINT });
});

test('the secrets are random, match each other, and only their owner can read them', () => {
  const files = readdirSync(join(checkout, 'secrets')).map((file) => `secrets/${file}`);
  expect(files.sort()).toEqual(services.flatMap(([, { env_file: file }]) => file ?? []).sort());
  for (const file of files) expect(statSync(join(checkout, file)).mode & 0o777).toBe(0o600);
  const database = variablesIn('secrets/database.env');
  const passwordIn = (url = '') => new URL(url).password;
  expect(passwordIn(variablesIn('secrets/migrate.env').DATABASE_URL)).toBe(database.SPINBAY_OWNER_PASSWORD);
  for (const file of ['secrets/api.env', 'secrets/worker.env'])
    expect(passwordIn(variablesIn(file).DATABASE_URL)).toBe(database.SPINBAY_APP_PASSWORD);
  const store = variablesIn('secrets/store.env');
  expect(passwordIn(store.SPINBAY_CLOUD_DATABASE_URL)).toBe(database.SPINBAY_CLOUD_PASSWORD);
  const keys = JSON.parse(store.SPINBAY_CLOUD_ACCESS_KEYS ?? '') as Record<string, { secretAccessKey: string }>;
  for (const [role, file] of [
    ['admin', 'bucket'],
    ['api', 'api'],
    ['worker', 'worker'],
  ] as const)
    expect(variablesIn(`secrets/${file}.env`).AWS_SECRET_ACCESS_KEY).toBe(keys[role]?.secretAccessKey);
  const all = [...Object.values(database), ...Object.values(keys).map((key) => key.secretAccessKey)];
  for (const secret of all) expect(secret).toMatch(/^[0-9a-f]{48}$/);
  expect(new Set(all).size).toBe(7);
});

test('existing secrets are never overwritten', () => {
  const before = variablesIn('secrets/database.env');
  const { status, stderr } = spawnSync('sh', ['deploy/compose/create-secrets.sh'], { cwd: checkout, encoding: 'utf8' });
  expect(status).toBe(1);
  expect(stderr).toContain('Nothing was changed.');
  expect(variablesIn('secrets/database.env')).toEqual(before);
});
