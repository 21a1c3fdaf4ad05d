import * as ecs from 'aws-cdk-lib/aws-ecs';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { poolSizes, rollingDeployment } from '../database-limits.ts';
import { grantEraser } from '../grants.ts';
import { makeTask, taskRole } from '../spinbay-task.ts';
import type { DataStack } from './data.ts';
import type { MigrateStack } from './migrate.ts';
import type { NetworkStack } from './network.ts';
import { SpinbayStack, type SpinbayStackProps } from './spinbay-stack.ts';

interface EraserStackProps extends SpinbayStackProps {
  readonly network: NetworkStack;
  readonly data: DataStack;
  readonly migrate: MigrateStack;
}

const port = 4600;

/** The deletion jobs, in the only process whose role may delete photos. */
export class EraserStack extends SpinbayStack {
  readonly role: iam.Role;
  readonly service: ecs.FargateService;
  readonly logGroup: logs.ILogGroup;

  constructor(scope: Construct, { network, data, migrate, ...props }: EraserStackProps) {
    super(scope, 'eraser', props);
    this.role = taskRole(this, 'Role', 'Spinbay eraser');
    grantEraser(this.role, data);
    const { definition, logGroup } = makeTask(this, 'Task', {
      image: 'worker',
      command: ['node', '/app/eraser.mjs'],
      environment: this.params,
      // The smallest size that Fargate offers.
      cpu: 256,
      memoryMb: 512,
      role: this.role,
      settings: {
        DATABASE_URL: data.databaseUrl('app'),
        DATABASE_SECRET: data.appSecret.secretArn,
        DATABASE_POOL_SIZE: String(poolSizes.eraser),
        S3_BUCKET: data.photos.bucketName,
        AWS_REGION: this.region,
        ORPHAN_REMOVAL: this.params.retention.orphanRemoval,
        SPINBAY_WORKER_PORT: String(port),
      },
      health: `http://127.0.0.1:${port}/healthz`,
    });
    this.logGroup = logGroup;
    this.service = new ecs.FargateService(this, 'Service', {
      cluster: migrate.cluster,
      taskDefinition: definition,
      // One is enough: its jobs are durable, so they wait while it restarts. Two, as during a deployment, do no harm.
      desiredCount: 1,
      vpcSubnets: { subnetGroupName: 'isolated' },
      securityGroups: [network.eraserGroup],
      ...rollingDeployment,
      circuitBreaker: { rollback: true },
    });
  }
}
