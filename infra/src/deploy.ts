import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { qcThresholdsOf, qualityControl } from '../../packages/runtime/src/services.ts';
import { readSettings } from '../../packages/runtime/src/settings.ts';
import { type Environment, exampleAccount, readEnvironment } from './environment.ts';
import { root } from './image.ts';
import { runTask } from './run-task.ts';
import type { SiteName } from './site-headers.ts';
import { uploadSite } from './upload-site.ts';

/** Stack outputs by stack (such as `web`) and output name. */
type Outputs = Readonly<Record<string, Readonly<Record<string, string>>>>;

/**
 * `deploy.ts --env NAME`, after a synth. Deploys the data stacks, runs the migrations while the previous version still runs,
 * then deploys the new version and its pages.
 */
async function deploy(environment: Environment): Promise<void> {
  const { name, account, region, signIn } = environment;
  if (account === exampleAccount) {
    throw new Error(
      `infra/environments/${name}.json has the example account ${exampleAccount}. Enter your account, domains and certificates; see docs/deploy.md.`,
    );
  }
  const app = join(root, 'infra/cdk.out', name);
  const base = cdkDeploy(app, name, ['network', 'data', ...(signIn.kind === 'cognito' ? ['sign-in'] : []), 'migrate']);
  const migrate = base.migrate ?? {};
  const task = {
    region,
    cluster: migrate.ClusterName ?? '',
    taskDefinition: migrate.TaskDefinition ?? '',
    container: migrate.Container ?? '',
    subnets: (migrate.Subnets ?? '').split(','),
    securityGroup: migrate.SecurityGroup ?? '',
  };
  console.log('Creating signing keys, if there are none.');
  await runTask({ ...task, command: ['keys', 'create', '--if-missing'] });
  console.log('Running migrations. The previous version continues to run.');
  await runTask({ ...task, command: ['migrate'] });
  const rest = cdkDeploy(app, name, ['api', 'worker', 'eraser', 'web', 'watch']);
  const web = rest.web ?? {};
  const qc = qcThresholdsOf(readSettings({}, qualityControl));
  const api_url = `https://${environment.domains.api}`;
  const site = (name: SiteName, distribution: string | undefined, config: object) =>
    uploadSite({
      region,
      folder: join(root, 'dist', name),
      bucket: web.FilesBucket ?? '',
      prefix: name,
      distribution: distribution ?? '',
      config: { api_url, qc, ...config },
    });
  const issuer =
    signIn.kind === 'issuer' ? signIn : { url: base['sign-in']?.Issuer, clientId: base['sign-in']?.ClientId };
  await site('portal', web.PortalDistribution, { oidc_issuer: issuer.url, oidc_client_id: issuer.clientId });
  await site('capture', web.CaptureDistribution, { org_id: null });
  console.log(
    `Done. The portal is https://${environment.domains.portal}, and the capture app is https://${environment.domains.capture}.`,
  );
}

/** Deploys some stacks of an environment. @returns their outputs */
function cdkDeploy(app: string, environment: string, parts: readonly string[]): Outputs {
  const folder = mkdtempSync(join(tmpdir(), 'spinbay-outputs-'));
  const file = join(folder, 'outputs.json');
  const cdk = fileURLToPath(new URL('../node_modules/aws-cdk/bin/cdk', import.meta.url));
  const stacks = parts.map((part) => `spinbay-${environment}-${part}`);
  try {
    const { status } = spawnSync(
      process.execPath,
      [
        cdk,
        'deploy',
        '--app',
        app,
        '--exclusively',
        '--require-approval',
        'broadening',
        '--outputs-file',
        file,
        ...stacks,
      ],
      { stdio: 'inherit' },
    );
    if (status !== 0)
      throw new Error(`The deployment of ${stacks.join(', ')} failed. The previous deployment continues to run.`);
    const outputs = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Record<string, string>>;
    return Object.fromEntries(parts.map((part) => [part, outputs[`spinbay-${environment}-${part}`] ?? {}]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const { values } = parseArgs({ options: { env: { type: 'string' } } });
try {
  await deploy(readEnvironment(values.env ?? ''));
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
