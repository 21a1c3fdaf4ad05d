import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type ServiceName, services } from './services.ts';
import { settings } from './settings.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const folder = `${root}deploy/systemd/`;
const units = readdirSync(folder);
const read = (file: string) => readFileSync(`${root}${file}`, 'utf8');

/** The values of a directive, in order. */
function valuesOf(unit: string, directive: string): string[] {
  const lines = read(`deploy/systemd/${unit}`).split('\n');
  return lines.filter((line) => line.startsWith(`${directive}=`)).map((line) => line.slice(directive.length + 1));
}

/** The names of the variables that a unit sets. */
function variablesOf(unit: string): string[] {
  return valuesOf(unit, 'Environment').flatMap((line) => line.split(' ').map((word) => word.split('=')[0] ?? ''));
}

/** The bundles of dist/ with their sources. */
const bundles = new Map(
  [...read('scripts/build.mjs').matchAll(/^ {2}'?([\w-]+)'?: '(\w+\/[\w/-]+\.ts)',$/gm)].map(([, name, source]) => [
    name,
    source,
  ]),
);
const commands = readdirSync(`${root}apps/cli/src/commands`).map((file) => file.replace('.ts', ''));
const withProcess: Readonly<Record<string, ServiceName>> = {
  'spinbay-api.service': 'api',
  'spinbay-worker.service': 'worker',
  'spinbay-eraser.service': 'eraser',
  'spinbay-portal.service': 'portal',
  'spinbay-capture.service': 'capture',
};

describe.each(units.filter((unit) => unit.endsWith('.service')))('%s', (unit) => {
  test('starts an entry point that the build makes, and a command that exists', () => {
    const [start = '', ...more] = valuesOf(unit, 'ExecStart');
    expect(more).toEqual([]);
    const [, bundle, command] = /\/usr\/bin\/node dist\/([\w-]+)\.mjs(?: (\w+))?/.exec(start) ?? [];
    expect(existsSync(`${root}${bundles.get(bundle)}`)).toBe(true);
    if (bundle === 'cli') expect(commands).toContain(command);
    else expect(command).toBeUndefined();
    expect(valuesOf(unit, 'WorkingDirectory')).toEqual(['/opt/spinbay']);
  });

  test('sets only documented settings, and only those that its process reads', () => {
    const ofTheMachine = /^(NODE_ENV|MALLOC_\w+)$/;
    const names = variablesOf(unit).filter((name) => !ofTheMachine.test(name));
    const process = withProcess[unit];
    const known: readonly string[] =
      process === undefined ? Object.keys(settings) : [...services[process].required, ...services[process].optional];
    expect(names.filter((name) => !known.includes(name))).toEqual([]);
    expect(names.filter((name) => !read('.env.example').includes(`\n#${name}=`))).toEqual([]);
  });

  test('runs as its own user, without privileges, on a file system that it cannot change', () => {
    expect(valuesOf(unit, 'User')).toEqual(['spinbay']);
    for (const [directive, value] of [
      ['NoNewPrivileges', 'yes'],
      ['CapabilityBoundingSet', ''],
      ['ProtectSystem', 'strict'],
      ['ProtectHome', 'yes'],
      ['UMask', '0077'],
    ] as const)
      expect(valuesOf(unit, directive), directive).toEqual([value]);
  });

  test('refers only to units that are here or belong to systemd', () => {
    const named = ['Requires', 'Wants', 'After']
      .flatMap((directive) => valuesOf(unit, directive))
      .join(' ')
      .split(' ');
    const missing = named.filter((name) => name.startsWith('spinbay') && !units.includes(name));
    expect(missing).toEqual([]);
  });
});

test('each timer has the service that it starts', () => {
  const timers = units.filter((unit) => unit.endsWith('.timer'));
  expect(timers.length).toBeGreaterThan(0);
  for (const timer of timers) expect(units).toContain(timer.replace('.timer', '.service'));
});

test('the files for Caddy and nginx forward to the default ports', () => {
  for (const part of ['API', 'PORTAL', 'CAPTURE', 'CLOUD', 'OIDC']) {
    const name = `SPINBAY_${part}_PORT`;
    const [, port] = new RegExp(`\n#${name}=(\\d+)`).exec(read('.env.example')) ?? [];
    expect(read('deploy/Caddyfile')).toContain(`{$${part}_HOST:127.0.0.1}:{$${name}:${port}}`);
    expect(read('deploy/nginx.conf')).toContain(`http://127.0.0.1:${port}`);
  }
});
