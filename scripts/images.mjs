// `npm run images -- build [IMAGE ...]`: builds the container images with Docker or Podman.
// `npm run images -- test`: builds them, starts them beside a local PostgreSQL and a local S3 and SQS server, and sends a
// spin through them.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { prepare } from './prepare.mjs';
import { runChild } from './run-child.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
/** The images that run on an ordinary container engine: a stage of containers/Dockerfile, and options of its build. */
const targets = {
  api: ['api'],
  worker: ['worker'],
  'worker-ffmpeg': ['worker', '--build-arg', 'FFMPEG=on'],
  portal: ['portal'],
  capture: ['capture'],
  store: ['store'],
  migrate: ['migrate'],
};
const names = Object.keys(targets);
const [verb, ...asked] = process.argv.slice(2);

const unknown = asked.filter((name) => !names.includes(name));
if (!['build', 'test'].includes(verb) || unknown.length > 0 || (verb === 'test' && asked.length > 0)) {
  console.error(`Usage: npm run images -- build [${names.join('|')} ...]\n       npm run images -- test`);
  process.exit(2);
}
const flagsOf = (setting) => (process.env[setting] ?? '').split(' ').filter(Boolean);
/** Options of the engine on this machine, before each of its commands. */
const engineFlags = flagsOf('SPINBAY_ENGINE_FLAGS');
const engine = findEngine();
for (const name of asked.length > 0 ? asked : names) await build(name);
if (verb === 'test') {
  await prepare({ dev: true });
  process.env.SPINBAY_CONTAINER_ENGINE = engine;
  const { runTests } = await import('./run-tests.mjs');
  await runTests(['images'], []);
}

/** @returns {string} the command of an engine that answers */
function findEngine() {
  const named = process.env.SPINBAY_CONTAINER_ENGINE;
  const faults = [];
  for (const command of named ? [named] : ['docker', 'podman']) {
    const { status, error, stderr } = spawnSync(command, [...engineFlags, 'info'], { encoding: 'utf8' });
    if (status === 0) return command;
    const why = error?.code === 'ENOENT' ? 'not installed' : (error?.message ?? stderr.trim().split('\n').at(-1));
    faults.push(`  ${command}: ${why}`);
  }
  console.error(
    `Container images need Docker or Podman, and none answers:\n${faults.join('\n')}\nInstall one, start it, or name its command in SPINBAY_CONTAINER_ENGINE.`,
  );
  process.exit(1);
}

/** @param {string} name */
async function build(name) {
  console.log(`Building spinbay-${name} with ${engine}.`);
  const [stage, ...options] = targets[name];
  // Podman's own format has no health checks.
  const format = isPodman() ? ['--format', 'docker'] : [];
  const file = ['-f', 'containers/Dockerfile', '--target', stage, '-t', `spinbay-${name}`, '.'];
  const args = [...engineFlags, 'build', ...format, ...flagsOf('SPINBAY_BUILD_FLAGS'), ...options, ...file];
  if ((await runChild(engine, args, root)) === 0) return;
  console.error(`The image spinbay-${name} was not built. The output above has the reason.`);
  process.exit(1);
}

function isPodman() {
  return spawnSync(engine, ['--version'], { encoding: 'utf8' }).stdout.startsWith('podman');
}
