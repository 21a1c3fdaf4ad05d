import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildApp } from './app.ts';
import { EnvironmentError, readEnvironment } from './environment.ts';

/** `synth.ts --out FOLDER --env NAME [--env NAME ...]`: writes the templates of each environment into a separate folder. */
const { values } = parseArgs({
  options: { env: { type: 'string', multiple: true, default: [] }, out: { type: 'string', default: 'cdk.out' } },
});
try {
  const environments = values.env.map(readEnvironment);
  for (const environment of environments) {
    const folder = join(values.out, environment.name);
    rmSync(folder, { recursive: true, force: true });
    buildApp(environment, folder).synth();
  }
} catch (error) {
  if (!(error instanceof EnvironmentError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
