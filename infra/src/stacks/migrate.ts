import { CfnOutput } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { grantMigrate } from '../grants.ts';
import { makeTask, taskRole } from '../spinbay-task.ts';
import type { DataStack } from './data.ts';
import type { NetworkStack } from './network.ts';
import { SpinbayStack, type SpinbayStackProps } from './spinbay-stack.ts';

interface MigrateStackProps extends SpinbayStackProps {
  readonly network: NetworkStack;
  readonly data: DataStack;
}

/**
 * The cluster, and the one-off task that a deployment runs before the new version starts. The task runs the migrations while
 * the previous version still runs. In the first deployment it also creates the signing keys.
 */
export class MigrateStack extends SpinbayStack {
  readonly cluster: ecs.Cluster;
  /** A fixed name, because the permissions of the worker contain it. */
  readonly clusterName: string;
  readonly role: iam.Role;

  constructor(scope: Construct, { network, data, ...props }: MigrateStackProps) {
    super(scope, 'migrate', props);
    this.clusterName = `spinbay-${this.params.name}`;
    this.cluster = new ecs.Cluster(this, 'Cluster', {
      clusterName: this.clusterName,
      vpc: network.vpc,
      // It counts the running tasks, which the scaling by backlog per task needs.
      containerInsightsV2: ecs.ContainerInsights.ENABLED,
    });
    this.role = taskRole(this, 'Role', 'Spinbay: migrations and the first signing keys');
    grantMigrate(this.role, data);
    const { definition, container } = makeTask(this, 'Task', {
      image: 'migrate',
      environment: this.params,
      cpu: 512,
      memoryMb: 1024,
      role: this.role,
      settings: {
        DATABASE_URL: data.databaseUrl('owner'),
        DATABASE_SECRET: data.ownerSecret.secretArn,
        DATABASE_APP_SECRET: data.appSecret.secretArn,
        SPINBAY_SIGNING_KEYS: data.signingKeys.secretArn,
        AWS_REGION: this.region,
      },
    });
    new CfnOutput(this, 'ClusterName', { value: this.cluster.clusterName });
    new CfnOutput(this, 'TaskDefinition', { value: definition.taskDefinitionArn });
    new CfnOutput(this, 'Container', { value: container.containerName });
    new CfnOutput(this, 'SecurityGroup', { value: network.migrateGroup.securityGroupId });
    new CfnOutput(this, 'Subnets', {
      value: network.vpc.selectSubnets({ subnetGroupName: 'isolated' }).subnetIds.join(','),
    });
  }
}
