import { CfnOutput, Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { HttpCodeTarget } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sns from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { burnRate, burnRateAlarms } from '../burn-rate.ts';
import { connectionsOf } from '../database-limits.ts';
import type { Environment } from '../environment.ts';
import type { ApiStack } from './api.ts';
import type { DataStack } from './data.ts';
import type { EraserStack } from './eraser.ts';
import { SpinbayStack, type SpinbayStackProps } from './spinbay-stack.ts';
import type { WorkerStack } from './worker.ts';

interface WatchStackProps extends SpinbayStackProps {
  readonly data: DataStack;
  readonly api: ApiStack;
  readonly worker: WorkerStack;
  readonly eraser: EraserStack;
}

/** The metrics of the dashboard and the alarms. */
type Figures = Readonly<
  Record<
    | 'oldest'
    | 'waiting'
    | 'dead'
    | 'requests'
    | 'errors'
    | 'errorShare'
    | 'p99'
    | 'unhealthy'
    | 'healthy'
    | 'connections'
    | 'storage'
    | 'cpu'
    | 'failed'
    | 'redelivered'
    | 'erasers'
    | 'erasureFaults',
    cloudwatch.Metric | cloudwatch.MathExpression
  >
> &
  Readonly<Record<'counted' | 'kept', cloudwatch.Metric>>;

/** The runbook of an alarm: a page of this name in docs/operations/. */
export type Runbook =
  | 'queue-is-slow'
  | 'dead-letters'
  | 'api-errors'
  | 'api-is-slow'
  | 'no-healthy-api'
  | 'database'
  | 'eraser'
  | 'failed-photos'
  | 'late-sessions';

const runbooks = 'https://github.com/spinbay/spinbay/blob/main/docs/operations';
const minute = Duration.minutes(1);

/**
 * The free bytes below which the disk of the database counts as nearly full. RDS enlarges a disk when 10 % of its current
 * size is free, so more than 5 % of its first size stays free. With less, it has reached `maxStorageGb`, or it fills faster
 * than RDS may enlarge it (once in six hours).
 */
function minFreeBytes({ storageGb, maxStorageGb }: Environment['database']): number {
  return (storageGb < maxStorageGb ? 0.05 : 0.1) * storageGb * 2 ** 30;
}

/** The alarms, and a dashboard that shows their causes. */
export class WatchStack extends SpinbayStack {
  readonly #topic: sns.Topic;

  constructor(scope: Construct, { data, api, worker, eraser, ...props }: WatchStackProps) {
    super(scope, 'watch', props);
    this.#topic = new sns.Topic(this, 'Alarms', { enforceSSL: true, displayName: `Spinbay ${this.params.name}` });
    // The policy of `enforceSSL` replaces the default one, which lets alarms of the same account publish.
    this.#topic.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.#topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      }),
    );
    this.#topic.addSubscription(new EmailSubscription(this.params.alarmEmail));
    const figures = this.#makeFigures(data, api, worker, eraser);
    this.#addAlarms(figures);
    this.#addDashboard(figures);
    new CfnOutput(this, 'AlarmTopic', { value: this.#topic.topicArn });
  }

  #makeFigures(
    { queue, deadLetters, database }: DataStack,
    { loadBalancer, targets }: ApiStack,
    worker: WorkerStack,
    eraser: EraserStack,
  ): Figures {
    const requests = loadBalancer.metrics.requestCount({ period: minute, statistic: 'Sum' });
    const errors = targets.metrics.httpCodeTarget(HttpCodeTarget.TARGET_5XX_COUNT, {
      period: minute,
      statistic: 'Sum',
    });
    const inTime = logs.FilterPattern.booleanValue('$.promise_kept', true);
    const late = logs.FilterPattern.booleanValue('$.promise_kept', false);
    return {
      oldest: queue.metricApproximateAgeOfOldestMessage({ period: minute, statistic: 'Maximum' }),
      waiting: queue.metricApproximateNumberOfMessagesVisible({ period: minute, statistic: 'Maximum' }),
      dead: deadLetters.metricApproximateNumberOfMessagesVisible({ period: minute, statistic: 'Maximum' }),
      requests,
      errors,
      errorShare: new cloudwatch.MathExpression({
        expression: 'IF(FILL(requests, 0) > 0, 100 * FILL(errors, 0) / FILL(requests, 1), 0)',
        usingMetrics: { errors, requests },
        label: '5xx in % of requests',
        period: minute,
      }),
      p99: targets.metrics.targetResponseTime({ period: minute, statistic: 'p99' }),
      unhealthy: targets.metrics.unhealthyHostCount({ period: minute, statistic: 'Maximum' }),
      healthy: targets.metrics.healthyHostCount({ period: minute, statistic: 'Minimum' }),
      connections: database.metricDatabaseConnections({ period: minute, statistic: 'Maximum' }),
      storage: database.metricFreeStorageSpace({ period: Duration.minutes(5), statistic: 'Minimum' }),
      cpu: database.metricCPUUtilization({ period: Duration.minutes(5), statistic: 'Average' }),
      // Only the log lines of rejected photos have a code.
      failed: this.#countLines(worker, 'FailedPhotos', logs.FilterPattern.exists('$.code')),
      redelivered: this.#countLines(
        worker,
        'RedeliveredMessages',
        logs.FilterPattern.stringValue('$.msg', '=', 'failed; the message is delivered again'),
      ),
      erasers: new cloudwatch.Metric({
        namespace: 'ECS/ContainerInsights',
        metricName: 'RunningTaskCount',
        dimensionsMap: { ClusterName: eraser.service.cluster.clusterName, ServiceName: eraser.service.serviceName },
        period: minute,
        statistic: 'Maximum',
      }),
      erasureFaults: this.#countLines(eraser, 'ErasureFaults', logs.FilterPattern.numberValue('$.level', '>=', 50)),
      // The worker logs one line for each completed session, with whether the promise was kept.
      counted: this.#countLines(worker, 'CountedSessions', logs.FilterPattern.any(inTime, late)),
      kept: this.#countLines(worker, 'SessionsInTime', inTime),
    };
  }

  /** Counts matching lines of the log of a stack. */
  #countLines(
    { logGroup }: WorkerStack | EraserStack,
    name: string,
    filterPattern: logs.IFilterPattern,
  ): cloudwatch.Metric {
    const filter = new logs.MetricFilter(this, name, {
      logGroup,
      filterPattern,
      metricNamespace: `Spinbay/${this.params.name}`,
      metricName: name,
      metricValue: '1',
      defaultValue: 0,
    });
    return filter.metric({ period: Duration.minutes(5), statistic: 'Sum' });
  }

  #addAlarms(figures: Figures): void {
    const { database } = this.params;
    const maxConnections = connectionsOf(database.instanceClass);
    const prefix = `spinbay-${this.params.name}`;
    const describe = (meaning: string, runbook: Runbook) => `${meaning} Runbook: ${runbooks}/${runbook}.md`;
    const alarm = (
      id: string,
      runbook: Runbook,
      meaning: string,
      metric: cloudwatch.Metric | cloudwatch.MathExpression,
      threshold: number,
      minutes: number,
      more: Partial<cloudwatch.CreateAlarmOptions> = {},
    ) => {
      const made = metric.createAlarm(this, id, {
        alarmName: `${prefix}-${id}`,
        alarmDescription: describe(meaning, runbook),
        threshold,
        evaluationPeriods: minutes,
        comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
        ...more,
      });
      this.#notify(made);
    };
    // All frames should be visible 60 s after the last photo. The queue may take a third of that, because uploads take time.
    alarm(
      'queue-is-slow',
      'queue-is-slow',
      'Photos wait more than 20 s. A spin may not be visible within a minute.',
      figures.oldest,
      20,
      3,
    );
    alarm(
      'queue-stalled',
      'queue-is-slow',
      'The oldest photo has waited 5 minutes. No worker processes photos.',
      figures.oldest,
      300,
      2,
    );
    alarm(
      'dead-letters',
      'dead-letters',
      'A message failed three times and is in the dead-letter queue.',
      figures.dead,
      0,
      1,
    );
    alarm('api-errors', 'api-errors', 'More than 2 % of requests fail with 5xx.', figures.errorShare, 2, 5);
    alarm('api-errors-fast', 'api-errors', 'More than 20 % of requests fail with 5xx.', figures.errorShare, 20, 2);
    alarm('api-is-slow', 'api-is-slow', 'One request in a hundred takes more than 2 s.', figures.p99, 2, 5);
    alarm('no-healthy-api', 'no-healthy-api', 'The API has no healthy task.', figures.healthy, 1, 2, {
      comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      treatMissingData: cloudwatch.TreatMissingData.BREACHING,
    });
    alarm(
      'database-connections',
      'database',
      'More than 80 % of the database connections are in use.',
      figures.connections,
      Math.floor(0.8 * maxConnections),
      5,
    );
    alarm(
      'database-storage',
      'database',
      'The disk of the database is nearly full, and does not grow.',
      figures.storage,
      minFreeBytes(database),
      3,
      {
        comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      },
    );
    alarm('database-cpu', 'database', 'The CPU of the database was above 80 % for half an hour.', figures.cpu, 80, 6);
    alarm('failed-photos', 'failed-photos', 'Many photos fail.', figures.failed, 50, 3);
    alarm('no-eraser', 'eraser', 'Nothing is deleted: the eraser has not run for 15 minutes.', figures.erasers, 1, 15, {
      comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      treatMissingData: cloudwatch.TreatMissingData.BREACHING,
    });
    alarm('erasures-fail', 'eraser', 'The eraser has failed for 15 minutes.', figures.erasureFaults, 0, 3);
    for (const made of burnRateAlarms(this, figures, prefix, (meaning) => describe(meaning, 'late-sessions')))
      this.#notify(made);
  }

  #notify(alarm: cloudwatch.AlarmBase): void {
    alarm.addAlarmAction(new SnsAction(this.#topic));
    alarm.addOkAction(new SnsAction(this.#topic));
  }

  #addDashboard(figures: Figures): void {
    const graph = (title: string, left: cloudwatch.IMetric[], right: cloudwatch.IMetric[] = []) =>
      new cloudwatch.GraphWidget({ title, left, right, width: 12, height: 6 });
    new cloudwatch.Dashboard(this, 'Dashboard', {
      dashboardName: `spinbay-${this.params.name}`,
      widgets: [
        [
          graph('Photos: waiting, and age of the oldest (s)', [figures.waiting], [figures.oldest]),
          graph('Dead letters, redeliveries', [figures.dead, figures.redelivered]),
        ],
        [
          graph('Requests and 5xx', [figures.requests], [figures.errors]),
          graph('API: p99 (s)', [figures.p99], [figures.healthy, figures.unhealthy]),
        ],
        [
          graph('Database: connections and CPU', [figures.connections], [figures.cpu]),
          graph('Failed photos', [figures.failed]),
        ],
        [
          graph('Completed sessions, and those visible within 60 s', [figures.counted, figures.kept]),
          graph('Burn rate of late sessions', [
            burnRate(figures, Duration.hours(1), 1),
            burnRate(figures, Duration.hours(6), 1),
          ]),
        ],
        [graph('Eraser: running tasks, and errors', [figures.erasers], [figures.erasureFaults])],
      ],
    });
  }
}
