import { Duration } from 'aws-cdk-lib';
import * as appscaling from 'aws-cdk-lib/aws-applicationautoscaling';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as events from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import policy from '../../worker-scaling.json' with { type: 'json' };
import { acknowledge } from '../acknowledge.ts';
import { poolSizes, rollingDeployment } from '../database-limits.ts';
import type { Environment } from '../environment.ts';
import { grantProtection, grantWorker } from '../grants.ts';
import { imageOf } from '../image.ts';
import { makeLogGroup, makeTask, taskRole } from '../spinbay-task.ts';
import { traceSettings } from '../trace-settings.ts';
import type { DataStack } from './data.ts';
import type { MigrateStack } from './migrate.ts';
import type { NetworkStack } from './network.ts';
import { SpinbayStack, type SpinbayStackProps } from './spinbay-stack.ts';

interface WorkerStackProps extends SpinbayStackProps {
  readonly network: NetworkStack;
  readonly data: DataStack;
  readonly migrate: MigrateStack;
}

type Kind<K extends Environment['worker']['kind']> = Extract<Environment['worker'], { kind: K }>;

/** Every picture allocates and frees large buffers. By default glibc returns them to the system each time. */
const memory = {
  MALLOC_MMAP_THRESHOLD_: '1073741824',
  MALLOC_TRIM_THRESHOLD_: '2147483648',
  MALLOC_ARENA_MAX: '2',
};
const port = 4600;

/** The worker: Fargate tasks that scale with the backlog, or a Lambda function. */
export class WorkerStack extends SpinbayStack {
  readonly role: iam.Role;
  readonly logGroup: logs.ILogGroup;

  constructor(scope: Construct, props: WorkerStackProps) {
    super(scope, 'worker', props);
    const { worker } = this.params;
    if (worker.kind === 'fargate') ({ role: this.role, logGroup: this.logGroup } = this.#makeService(props, worker));
    else ({ role: this.role, logGroup: this.logGroup } = this.#makeFunction(props, worker));
    grantWorker(this.role, props.data);
  }

  #settings(data: DataStack) {
    return {
      DATABASE_URL: data.databaseUrl('app'),
      DATABASE_SECRET: data.appSecret.secretArn,
      S3_BUCKET: data.photos.bucketName,
      // The eraser runs the deletion jobs.
      WORKER_DELETIONS: 'off',
      ...traceSettings(this.params),
      ...memory,
    };
  }

  #makeService({ network, data, migrate }: WorkerStackProps, { tasks, backlogPerTask }: Kind<'fargate'>) {
    const role = taskRole(this, 'Role', 'Spinbay worker');
    grantProtection(role, migrate);
    const { definition, logGroup } = makeTask(this, 'Task', {
      image: 'worker',
      environment: this.params,
      cpu: tasks.cpu,
      memoryMb: tasks.memoryMb,
      role,
      settings: {
        ...this.#settings(data),
        DATABASE_POOL_SIZE: String(poolSizes.fargateWorker),
        SQS_QUEUE_URL: data.queue.queueUrl,
        AWS_REGION: this.region,
        SPINBAY_WORKER_PORT: String(port),
      },
      health: `http://127.0.0.1:${port}/healthz`,
      // A stopping task drains: it finishes its photos, or releases their messages after 20 s. A busy task asks ECS not to
      // stop it.
      stopSeconds: 60,
    });
    const service = new ecs.FargateService(this, 'Service', {
      cluster: migrate.cluster,
      taskDefinition: definition,
      desiredCount: tasks.minTasks,
      vpcSubnets: { subnetGroupName: 'isolated' },
      securityGroups: [network.workerGroup],
      ...rollingDeployment,
      circuitBreaker: { rollback: true },
    });
    this.#scale(service, migrate.cluster, data, tasks, backlogPerTask);
    return { role, logGroup };
  }

  /**
   * Scales with the waiting messages per running task and with the CPU, and faster when the oldest message is old. Tasks are
   * removed only if both targets allow it. The backlog alone would remove busy tasks: while they keep up, no message waits.
   * `npm run bench -- scaling` simulates these constants and others.
   */
  #scale(
    service: ecs.FargateService,
    cluster: ecs.ICluster,
    data: DataStack,
    { minTasks, maxTasks }: Kind<'fargate'>['tasks'],
    backlogPerTask: number,
  ): void {
    const scaling = service.autoScaleTaskCount({ minCapacity: minTasks, maxCapacity: maxTasks });
    const target = scaling.node.findChild('Target') as appscaling.ScalableTarget;
    const queue = [{ name: 'QueueName', value: data.queue.queueName }];
    const tasks = [
      { name: 'ClusterName', value: cluster.clusterName },
      { name: 'ServiceName', value: service.serviceName },
    ];
    // The construct for target tracking does not support expressions.
    new appscaling.CfnScalingPolicy(this, 'Backlog', {
      policyName: 'backlog-per-task',
      policyType: 'TargetTrackingScaling',
      scalingTargetId: target.scalableTargetId,
      targetTrackingScalingPolicyConfiguration: {
        targetValue: backlogPerTask,
        scaleOutCooldown: policy.scaleOutCooldownSeconds,
        scaleInCooldown: policy.scaleInCooldownSeconds,
        customizedMetricSpecification: {
          metrics: [
            metric('backlog', 'AWS/SQS', 'ApproximateNumberOfMessagesVisible', queue, 'Maximum'),
            metric('tasks', 'ECS/ContainerInsights', 'RunningTaskCount', tasks, 'Average'),
            // Assume one running task if the metric is missing or zero.
            {
              id: 'perTask',
              expression: 'backlog / IF(FILL(tasks, 1) > 1, FILL(tasks, 1), 1)',
              label: 'backlog per task',
              returnData: true,
            },
          ],
        },
      },
    });
    scaling.scaleOnCpuUtilization('Cpu', {
      targetUtilizationPercent: policy.cpuPercent,
      scaleOutCooldown: Duration.seconds(policy.scaleOutCooldownSeconds),
      scaleInCooldown: Duration.seconds(policy.scaleInCooldownSeconds),
    });
    const steps = policy.ageSteps;
    scaling.scaleOnMetric('OldestMessage', {
      metric: data.queue.metricApproximateAgeOfOldestMessage({ period: Duration.minutes(1), statistic: 'Maximum' }),
      adjustmentType: appscaling.AdjustmentType.PERCENT_CHANGE_IN_CAPACITY,
      scalingSteps: [
        { upper: steps[0]?.fromSeconds, change: 0 },
        ...steps.map(({ fromSeconds, addPercent }, k) => ({
          lower: fromSeconds,
          upper: steps[k + 1]?.fromSeconds,
          change: addPercent,
        })),
      ],
      minAdjustmentMagnitude: 1,
      cooldown: Duration.seconds(policy.ageCooldownSeconds),
    });
  }

  #makeFunction({ network, data }: WorkerStackProps, { memoryMb, timeoutSeconds, maxConcurrency }: Kind<'lambda'>) {
    const { cpuArchitecture } = this.params;
    const role = new iam.Role(this, 'Role', {
      description: 'Spinbay worker',
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      managedPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName('service-role/AWSLambdaVPCAccessExecutionRole')],
    });
    acknowledge(role, {
      'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole]':
        'A function in a VPC creates network interfaces. AWS maintains the list of the necessary permissions.',
    });
    const logGroup = makeLogGroup(this, 'Log', this.params);
    const { directory, options } = imageOf('worker-lambda', this.params);
    const worker = new lambda.DockerImageFunction(this, 'Function', {
      code: lambda.DockerImageCode.fromImageAsset(directory, options),
      architecture: cpuArchitecture === 'ARM64' ? lambda.Architecture.ARM_64 : lambda.Architecture.X86_64,
      memorySize: memoryMb,
      timeout: Duration.seconds(timeoutSeconds),
      role,
      logGroup,
      vpc: network.vpc,
      vpcSubnets: { subnetGroupName: 'isolated' },
      securityGroups: [network.workerGroup],
      environment: { ...this.#settings(data), DATABASE_POOL_SIZE: String(poolSizes.lambdaWorker) },
    });
    worker.addEventSource(
      new SqsEventSource(data.queue, { batchSize: 10, reportBatchItemFailures: true, maxConcurrency }),
    );
    const reconcile = new events.Rule(this, 'EveryMinute', {
      description: 'Spinbay: reconciles stuck uploads',
      schedule: events.Schedule.rate(Duration.minutes(1)),
    });
    reconcile.addTarget(new LambdaFunction(worker, { retryAttempts: 0 }));
    return { role, logGroup };
  }
}

function metric(
  id: string,
  namespace: string,
  metricName: string,
  dimensions: { name: string; value: string }[],
  stat: 'Average' | 'Maximum',
): appscaling.CfnScalingPolicy.TargetTrackingMetricDataQueryProperty {
  return { id, returnData: false, metricStat: { metric: { namespace, metricName, dimensions }, stat } };
}
