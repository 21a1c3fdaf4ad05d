import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readEnvironment } from '../src/environment.ts';
import { environments, synthesised } from './templates.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

const tasksOf = (environment: (typeof environments)[number]) =>
  synthesised(environment)
    .ofType('AWS::ECS::TaskDefinition')
    .map(({ stack, properties }) => ({ stack, task: properties, container: properties.ContainerDefinitions[0] }));

describe.each(environments)('%s', (environment) => {
  const aws = synthesised(environment);

  test('tasks have a read-only root file system and a log, and a stop timeout longer than the drain of a process', () => {
    for (const { container } of tasksOf(environment)) {
      expect(container.ReadonlyRootFilesystem).toBe(true);
      expect(container.LogConfiguration.LogDriver).toBe('awslogs');
      expect(container.StopTimeout).toBeGreaterThan(25);
      expect(container.Privileged).toBeUndefined();
    }
    for (const { properties, deletionPolicy } of aws.ofType('AWS::Logs::LogGroup')) {
      expect(properties.RetentionInDays).toBe(readEnvironment(environment).retention.logDays);
      expect(deletionPolicy).toBe(environment === 'prod' ? 'Retain' : 'Delete');
    }
  });

  test('only the migration task has the secret of the owner', () => {
    const withOwner = tasksOf(environment).filter(({ container }) =>
      container.Environment.some(({ Name }: { Name: string }) => Name === 'DATABASE_APP_SECRET'),
    );
    expect(withOwner.map(({ stack }) => stack)).toEqual(['migrate']);
  });

  test('an API version that does not become healthy is rolled back, and old tasks stop only when new ones answer', () => {
    const { properties } = aws.ofType('AWS::ECS::Service').find(({ stack }) => stack === 'api') ?? { properties: {} };
    expect(properties.DeploymentConfiguration).toMatchObject({
      MinimumHealthyPercent: 100,
      DeploymentCircuitBreaker: { Enable: true, Rollback: true },
    });
  });

  test('the API is behind HTTPS and a firewall that refuses addresses with too many requests', () => {
    const [listener, ...others] = aws.ofType('AWS::ElasticLoadBalancingV2::Listener');
    expect(others).toEqual([]);
    expect(listener?.properties).toMatchObject({ Port: 443, Protocol: 'HTTPS' });
    const rules = aws.one('AWS::WAFv2::WebACL').properties.Rules;
    const rates = rules.flatMap(
      (rule: { Statement: { RateBasedStatement?: object } }) => rule.Statement.RateBasedStatement ?? [],
    );
    expect(rates).toEqual([
      expect.objectContaining({ AggregateKeyType: 'IP', Limit: 600 }),
      expect.objectContaining({ AggregateKeyType: 'IP', Limit: 20_000 }),
    ]);
    expect(aws.ofType('AWS::WAFv2::WebACLAssociation')).toHaveLength(1);
  });

  test('only the API has access to the internet', () => {
    const routes = aws
      .ofType('AWS::EC2::Route')
      .filter(({ properties }) => properties.DestinationCidrBlock === '0.0.0.0/0');
    expect(routes.filter(({ id }) => id.includes('isolated'))).toEqual([]);
    const services = aws.ofType('AWS::ECS::Service');
    for (const { stack, properties } of services) {
      const { AssignPublicIp, Subnets } = properties.NetworkConfiguration.AwsvpcConfiguration;
      if (stack === 'api') continue;
      expect(AssignPublicIp).toBe('DISABLED');
      for (const subnet of Subnets) expect(aws.text(stack, subnet)).toMatch(/isolated/);
    }
    const endpoints = aws
      .ofType('AWS::EC2::VPCEndpoint')
      .map(({ properties }) => aws.text('network', properties.ServiceName));
    for (const service of ['s3', 'sqs', 'secretsmanager', 'logs', 'ecr.api', 'ecr.dkr'])
      expect(endpoints.some((name) => name.endsWith(`.${service}`))).toBe(true);
  });

  test('the pages use HTTPS and a content security policy that allows what they need', () => {
    const policies = aws.ofType('AWS::CloudFront::ResponseHeadersPolicy');
    expect(policies).toHaveLength(2);
    for (const { id, properties } of policies) {
      const { SecurityHeadersConfig: security, CustomHeadersConfig: custom } = properties.ResponseHeadersPolicyConfig;
      const csp = security.ContentSecurityPolicy.ContentSecurityPolicy;
      expect(csp).toContain("default-src 'none'");
      expect(csp).toMatch(/script-src 'self'(;|$)/);
      const bucket = aws.one('AWS::S3::Bucket', 'Photos').properties.BucketName;
      expect(csp).toMatch(new RegExp(`img-src [^;]*https://${bucket}\\.s3\\.eu-central-1\\.amazonaws\\.com`));
      const camera = custom.Items.find(({ Header }: { Header: string }) => Header === 'permissions-policy').Value;
      const isCapture = id.startsWith('Capture');
      expect(camera).toContain(isCapture ? 'camera=(self)' : 'camera=()');
      // Only the capture app uploads.
      expect(new RegExp(`connect-src [^;]*https://${bucket}\\.`).test(csp)).toBe(isCapture);
      if (environment !== 'prod' && !isCapture)
        expect(csp).toMatch(/connect-src [^;]*\.auth\.eu-central-1\.amazoncognito\.com/);
    }
    for (const { properties } of aws.ofType('AWS::CloudFront::Distribution'))
      expect(properties.DistributionConfig.DefaultCacheBehavior.ViewerProtocolPolicy).toBe('redirect-to-https');
  });

  test('alarms may publish to their topic', () => {
    const { id } = aws.one('AWS::SNS::Topic');
    const statements = aws.one('AWS::SNS::TopicPolicy').properties.PolicyDocument.Statement;
    expect(statements.find(({ Effect }: { Effect: string }) => Effect === 'Allow')).toMatchObject({
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Action: 'sns:Publish',
      Resource: { Ref: id },
      Condition: { StringEquals: { 'aws:SourceAccount': expect.anything() } },
    });
  });

  test('the alarm of the disk of the database is silent while the disk can grow', () => {
    const { AllocatedStorage, MaxAllocatedStorage } = aws.one('AWS::RDS::DBInstance').properties;
    const alarm = aws
      .ofType('AWS::CloudWatch::Alarm')
      .find(({ properties }) => properties.MetricName === 'FreeStorageSpace')?.properties;
    expect(Number(AllocatedStorage)).toBeLessThan(MaxAllocatedStorage);
    // RDS enlarges the disk when 10 % of it is free.
    expect(alarm).toMatchObject({ ComparisonOperator: 'LessThanThreshold', EvaluationPeriods: 3 });
    expect(alarm?.Threshold / (Number(AllocatedStorage) * 2 ** 30)).toBe(0.05);
  });

  test('a user pool knows the addresses to which the portal returns', () => {
    const clients = aws.ofType('AWS::Cognito::UserPoolClient');
    expect(clients).toHaveLength(environment === 'prod' ? 0 : 1);
    for (const { properties } of clients) {
      const [callback, ...others] = properties.CallbackURLs;
      expect(others).toEqual([]);
      const { origin, pathname } = new URL(callback);
      expect(pathname).toBe('/login/callback');
      expect(properties.LogoutURLs).toEqual([`${origin}/login`]);
    }
  });

  test('each alarm describes itself, links its runbook and notifies somebody', () => {
    const composite = aws.ofType('AWS::CloudWatch::CompositeAlarm');
    const rules = composite.map(({ stack, properties }) => aws.text(stack, properties.AlarmRule)).join(' ');
    const isPart = ({ stack, id }: { stack: string; id: string }) => rules.includes(`ALARM("${stack}.${id}.Arn")`);
    const alarms = [...aws.ofType('AWS::CloudWatch::Alarm').filter(({ stack }) => stack === 'watch'), ...composite];
    expect(alarms.length).toBeGreaterThanOrEqual(10);
    for (const alarm of alarms) {
      const { properties } = alarm;
      expect(properties.AlarmDescription).toMatch(/^[A-Z].* Runbook: https:\/\/\S+\/docs\/operations\/[a-z-]+\.md$/);
      // Part of an alarm that notifies.
      expect(properties.AlarmActions ?? []).toHaveLength(isPart(alarm) ? 0 : 1);
      const runbook = /docs\/operations\/\S+\.md$/.exec(properties.AlarmDescription)?.[0] ?? '';
      expect(existsSync(`${root}${runbook}`)).toBe(true);
    }
  });
});

describe('the worker on Fargate', () => {
  const aws = synthesised('prod');
  const policies = aws.ofType('AWS::ApplicationAutoScaling::ScalingPolicy').filter(({ stack }) => stack === 'worker');
  const tracking = policies.flatMap(({ properties }) => properties.TargetTrackingScalingPolicyConfiguration ?? []);

  test('has 2 GB of memory or more', () => {
    for (const environment of ['dev', 'prod'] as const) {
      const worker = tasksOf(environment).find(({ stack }) => stack === 'worker');
      expect(Number(worker?.task.Memory)).toBeGreaterThanOrEqual(2048);
    }
  });

  test('scales with the backlog per running task', () => {
    const { TargetValue, ScaleOutCooldown, ScaleInCooldown, CustomizedMetricSpecification } =
      tracking.find((one) => one.CustomizedMetricSpecification !== undefined) ?? {};
    expect([TargetValue, ScaleOutCooldown, ScaleInCooldown]).toEqual([500, 30, 300]);
    const metrics = CustomizedMetricSpecification.Metrics;
    expect(
      metrics.map(
        (metric: { MetricStat?: { Metric: { MetricName: string } } }) => metric.MetricStat?.Metric.MetricName,
      ),
    ).toEqual(['ApproximateNumberOfMessagesVisible', 'RunningTaskCount', undefined]);
    expect(metrics[2]).toMatchObject({
      Expression: 'backlog / IF(FILL(tasks, 1) > 1, FILL(tasks, 1), 1)',
      ReturnData: true,
    });
  });

  test('keeps the tasks that the CPU needs, although no message waits', () => {
    const cpu = tracking.find((one) => one.PredefinedMetricSpecification !== undefined);
    expect(cpu).toMatchObject({
      PredefinedMetricSpecification: { PredefinedMetricType: 'ECSServiceAverageCPUUtilization' },
      TargetValue: 60,
    });
    expect(cpu?.DisableScaleIn).not.toBe(true);
  });

  test('scales out fast when the oldest message is old', () => {
    const step = policies.find(({ properties }) => properties.PolicyType === 'StepScaling');
    expect(step?.properties.StepScalingPolicyConfiguration).toMatchObject({
      AdjustmentType: 'PercentChangeInCapacity',
      Cooldown: 60,
      // The bounds count from the threshold of the alarm, 20 s.
      StepAdjustments: [
        { MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 40, ScalingAdjustment: 100 },
        { MetricIntervalLowerBound: 40, ScalingAdjustment: 300 },
      ],
    });
    const alarm = aws.ofType('AWS::CloudWatch::Alarm').find(({ stack }) => stack === 'worker');
    expect(alarm?.properties.MetricName).toBe('ApproximateAgeOfOldestMessage');
  });
});

describe.each(environments)('the deletion jobs of %s', (environment) => {
  const aws = synthesised(environment);
  const settingsOf = (properties: { Environment: { Name: string; Value: unknown }[] }) =>
    Object.fromEntries(properties.Environment.map(({ Name, Value }) => [Name, Value]));

  test('run in one task of the smallest size, and not in the worker', () => {
    const service = aws.ofType('AWS::ECS::Service').find(({ stack }) => stack === 'eraser');
    expect(service?.properties.DesiredCount).toBe(1);
    const { task, container } = tasksOf(environment).find(({ stack }) => stack === 'eraser') ?? {};
    expect([task?.Cpu, task?.Memory]).toEqual(['256', '512']);
    expect(container?.Command).toEqual(['node', '/app/eraser.mjs']);
    const worker =
      environment === 'staging'
        ? aws.one('AWS::Lambda::Function', 'Function').properties.Environment.Variables
        : settingsOf(tasksOf(environment).find(({ stack }) => stack === 'worker')?.container);
    expect(worker.WORKER_DELETIONS).toBe('off');
  });
});

describe('the worker on Lambda', () => {
  const aws = synthesised('staging');

  test('has at least a minute for a photo, and only the failed messages of a batch are delivered again', () => {
    const { properties } = aws.one('AWS::Lambda::Function', 'Function');
    expect(properties.Timeout).toBeGreaterThanOrEqual(60);
    expect(properties.MemorySize).toBeGreaterThanOrEqual(2048);
    const source = aws.one('AWS::Lambda::EventSourceMapping').properties;
    expect(source).toMatchObject({ FunctionResponseTypes: ['ReportBatchItemFailures'] });
    expect(aws.text('worker', source.EventSourceArn)).toMatch(/^data\.Queue/);
    // As AWS recommends, so that a throttled or slow batch is not delivered a second time in the meantime.
    const queue = aws.one('AWS::SQS::Queue', 'Queue').properties;
    expect(queue.VisibilityTimeout).toBe(6 * properties.Timeout);
  });

  test('runs every minute to reconcile stuck uploads', () => {
    expect(aws.one('AWS::Events::Rule').properties.ScheduleExpression).toBe('rate(1 minute)');
  });
});
