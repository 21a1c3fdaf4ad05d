// `npm run images -- build [TARGET ...]`: builds the container images with Docker or Podman.
// `npm run images -- test`: builds them, starts them beside a local PostgreSQL and S3 and SQS server, and sends a spin through.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { prepare } from './prepare.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
/** The stages of containers/Dockerfile that run on an ordinary container engine. */
const targets = ['api', 'worker', 'web', 'migrate'];
const [verb, ...asked] = process.argv.slice(2);

const unknown = asked.filter((target) => !targets.includes(target));
if (!['build', 'test'].includes(verb) || unknown.length > 0 || (verb === 'test' && asked.length > 0)) {
  console.error(`Usage: npm run images -- build [${targets.join('|')} ...]\n       npm run images -- test`);
  process.exit(2);
}
const flagsOf = (setting) => (process.env[setting] ?? '').split(' ').filter(Boolean);
/** Options of the engine on this machine, before each of its commands. */
const engineFlags = flagsOf('SPINBAY_ENGINE_FLAGS');
const engine = findEngine();
for (const target of asked.length > 0 ? asked : targets) await build(target);
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

/** @param {string} target a stage of the Dockerfile */
async function build(target) {
  console.log(`Building spinbay-${target} with ${engine}.`);
  const args = ['build', ...flagsOf('SPINBAY_BUILD_FLAGS'), '-f', 'containers/Dockerfile', '--target', target];
  const tagged = [...engineFlags, ...args, '-t', `spinbay-${target}`, '.'];
  const [status] = await once(spawn(engine, tagged, { cwd: root, stdio: 'inherit' }), 'exit');
  if (status === 0) return;
  console.error(`The image spinbay-${target} was not built. The output above has the reason.`);
  process.exit(1);
}
