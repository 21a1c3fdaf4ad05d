import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import type { Environment } from './environment.ts';
import { type ImageTarget, imageOf } from './image.ts';

export interface SpinbayTaskOptions {
  readonly image: ImageTarget;
  readonly environment: Environment;
  readonly cpu: number;
  readonly memoryMb: number;
  /** The permissions of the process, in addition to writing its log. */
  readonly role: iam.Role;
  /** Settings as in .env.example. */
  readonly settings: Readonly<Record<string, string>>;
  readonly secrets?: Readonly<Record<string, ecs.Secret>>;
  readonly port?: number;
  /** URL that ECS requests inside the container. */
  readonly health?: string;
  /** Must be longer than a process needs to drain, which is 25 s. Default: 40. */
  readonly stopSeconds?: number;
  readonly command?: readonly string[];
}

export interface SpinbayTask {
  readonly definition: ecs.FargateTaskDefinition;
  readonly container: ecs.ContainerDefinition;
  readonly logGroup: logs.LogGroup;
}

/** One of Spinbay's processes as a Fargate task: not as root, with a read-only root file system, and with a log group. */
export function makeTask(scope: Construct, id: string, options: SpinbayTaskOptions): SpinbayTask {
  const { environment, settings, cpu, memoryMb } = options;
  const logGroup = makeLogGroup(scope, `${id}Log`, environment);
  const definition = new ecs.FargateTaskDefinition(scope, id, {
    cpu,
    memoryLimitMiB: memoryMb,
    taskRole: options.role,
    runtimePlatform: {
      operatingSystemFamily: ecs.OperatingSystemFamily.LINUX,
      cpuArchitecture: environment.cpuArchitecture === 'ARM64' ? ecs.CpuArchitecture.ARM64 : ecs.CpuArchitecture.X86_64,
    },
    // The image declares /tmp as a volume, so the volume has the owner and mode of /tmp in the image.
    volumes: [{ name: 'tmp' }],
  });
  const { directory, options: image } = imageOf(options.image, environment);
  const container = definition.addContainer('main', {
    image: ecs.ContainerImage.fromAsset(directory, image),
    environment: { ...settings },
    secrets: { ...options.secrets },
    readonlyRootFilesystem: true,
    stopTimeout: Duration.seconds(options.stopSeconds ?? 40),
    logging: ecs.LogDrivers.awsLogs({ streamPrefix: options.image, logGroup }),
    ...(options.port === undefined ? {} : { portMappings: [{ containerPort: options.port }] }),
    ...(options.command === undefined ? {} : { command: [...options.command] }),
    ...(options.health === undefined
      ? {}
      : {
          healthCheck: {
            command: ['CMD', 'node', '/app/health.mjs', options.health],
            interval: Duration.seconds(15),
            timeout: Duration.seconds(5),
            retries: 3,
            startPeriod: Duration.seconds(60),
          },
        }),
  });
  container.addMountPoints({ containerPath: '/tmp', sourceVolume: 'tmp', readOnly: false });
  acknowledge(definition, {
    'AwsSolutions-ECS2': 'The settings are addresses and numbers. Secrets come from Secrets Manager.',
  });
  if (definition.executionRole !== undefined) {
    acknowledge(definition.executionRole, {
      'AwsSolutions-IAM5[Resource::*]': 'ecr:GetAuthorizationToken has no resource: AWS accepts only "*".',
    });
  }
  return { definition, container, logGroup };
}

export function makeLogGroup(scope: Construct, id: string, { retention, protectData }: Environment): logs.LogGroup {
  return new logs.LogGroup(scope, id, {
    retention: retention.logDays as logs.RetentionDays,
    removalPolicy: protectData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
}

/** A role for a task's own process. */
export function taskRole(scope: Construct, id: string, description: string): iam.Role {
  return new iam.Role(scope, id, { description, assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') });
}
