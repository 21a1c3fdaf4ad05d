// `npm run infra -- synth|diff|deploy --env NAME`: works on the AWS stacks of an environment in infra/environments.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { infra, installInfra, root, tsx } from './infra-packages.mjs';
import { prepare } from './prepare.mjs';

const usage = 'Usage: npm run infra -- synth|diff|deploy --env NAME';
let given;
try {
  given = parseArgs({ options: { env: { type: 'string' } }, allowPositionals: true });
} catch (error) {
  refuse(error.message);
}
const [verb, ...more] = given.positionals;
if (!['synth', 'diff', 'deploy'].includes(verb) || more.length > 0) refuse('Name one command.');
const { env } = given.values;
if (env === undefined) refuse('--env is missing.');

// A deployment uploads the built pages. The other commands need only the packages.
await prepare({ dev: true, quiet: true, build: verb === 'deploy' });
installInfra();
run(tsx, [join(infra, 'src/synth.ts'), '--out', join(infra, 'cdk.out'), '--env', env]);
const app = join(infra, 'cdk.out', env);
if (verb === 'synth') console.log(`The templates are in ${app}.`);
if (verb === 'diff')
  run(process.execPath, [join(infra, 'node_modules/aws-cdk/bin/cdk'), 'diff', '--app', app, '--all']);
if (verb === 'deploy') run(tsx, [join(infra, 'src/deploy.ts'), '--env', env]);

function refuse(message) {
  console.error(`${message}\n${usage}`);
  process.exit(2);
}

function run(command, args) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
