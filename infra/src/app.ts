import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { Environment } from './environment.ts';
import { ApiStack } from './stacks/api.ts';
import { DataStack } from './stacks/data.ts';
import { EraserStack } from './stacks/eraser.ts';
import { MigrateStack } from './stacks/migrate.ts';
import { NetworkStack } from './stacks/network.ts';
import { makeSignIn } from './stacks/sign-in.ts';
import { WatchStack } from './stacks/watch.ts';
import { WebStack } from './stacks/web.ts';
import { WorkerStack } from './stacks/worker.ts';

/** All stacks of an environment. A finding of cdk-nag or CloudFormation fails the synth. */
export function buildApp(environment: Environment, outdir: string): App {
  const app = new App({
    outdir,
    // Paths and versions of the local machine would change the output on another machine.
    analyticsReporting: false,
    context: {
      '@aws-cdk/core:validateAgainstDefaultRules': true,
      '@aws-cdk/aws-iam:minimizePolicies': true,
      '@aws-cdk/core:checkSecretUsage': true,
      '@aws-cdk/aws-ecs:disableExplicitDeploymentControllerForCircuitBreaker': true,
      '@aws-cdk/aws-s3:createDefaultLoggingPolicy': true,
      '@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy': true,
      '@aws-cdk/aws-ec2:restrictDefaultSecurityGroup': false,
      '@aws-cdk/aws-rds:databaseProxyUniqueResourceName': true,
      '@aws-cdk/aws-ecs:reduceEc2FargateCloudWatchPermissions': true,
      '@aws-cdk/aws-kms:aliasNameRef': true,
    },
  });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const network = new NetworkStack(app, { environment });
  const data = new DataStack(app, { environment, network });
  const signIn = makeSignIn(app, environment);
  const migrate = new MigrateStack(app, { environment, network, data });
  const api = new ApiStack(app, { environment, network, data, signIn, migrate });
  const worker = new WorkerStack(app, { environment, network, data, migrate });
  const eraser = new EraserStack(app, { environment, network, data, migrate });
  new WebStack(app, { environment, data, signIn });
  new WatchStack(app, { environment, data, api, worker, eraser });
  return app;
}
