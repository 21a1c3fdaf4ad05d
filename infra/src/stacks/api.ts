import { CfnOutput, Duration } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elb from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { LoadBalancerTarget } from 'aws-cdk-lib/aws-route53-targets';
import * as secrets from 'aws-cdk-lib/aws-secretsmanager';
import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import type { Construct } from 'constructs';
import { rollingDeployment } from '../database-limits.ts';
import { findZone } from '../find-zone.ts';
import { grantApi, readSecrets } from '../grants.ts';
import { makeTask, type SpinbayTask, taskRole } from '../spinbay-task.ts';
import { traceSettings } from '../trace-settings.ts';
import { apiRules } from '../waf-rules.ts';
import type { DataStack } from './data.ts';
import type { MigrateStack } from './migrate.ts';
import type { NetworkStack } from './network.ts';
import type { SignIn } from './sign-in.ts';
import { SpinbayStack, type SpinbayStackProps } from './spinbay-stack.ts';

interface ApiStackProps extends SpinbayStackProps {
  readonly network: NetworkStack;
  readonly data: DataStack;
  readonly signIn: SignIn;
  readonly migrate: MigrateStack;
}

const port = 4000;

/** The API on Fargate behind a load balancer with a firewall, and the rotation of its database password. */
export class ApiStack extends SpinbayStack {
  readonly role: iam.Role;
  readonly service: ecs.FargateService;
  readonly task: SpinbayTask;
  readonly loadBalancer: elb.ApplicationLoadBalancer;
  readonly targets: elb.ApplicationTargetGroup;

  constructor(scope: Construct, props: ApiStackProps) {
    super(scope, 'api', props);
    const { network, data, migrate } = props;
    this.role = taskRole(this, 'Role', 'Spinbay API');
    grantApi(this.role, data);
    this.task = this.#makeTask(props);
    const { api } = this.params;
    this.service = new ecs.FargateService(this, 'Service', {
      cluster: migrate.cluster,
      taskDefinition: this.task.definition,
      desiredCount: api.minTasks,
      vpcSubnets: network.apiSubnets,
      assignPublicIp: network.apiHasPublicAddress,
      securityGroups: [network.apiGroup],
      ...rollingDeployment,
      // ECS rolls back a version that does not become healthy.
      circuitBreaker: { rollback: true },
      healthCheckGracePeriod: Duration.seconds(60),
    });
    const scaling = this.service.autoScaleTaskCount({ minCapacity: api.minTasks, maxCapacity: api.maxTasks });
    scaling.scaleOnCpuUtilization('Cpu', {
      targetUtilizationPercent: 50,
      scaleOutCooldown: Duration.seconds(30),
      scaleInCooldown: Duration.minutes(5),
    });
    ({ loadBalancer: this.loadBalancer, targets: this.targets } = this.#makeLoadBalancer(props));
    scaling.scaleOnRequestCount('Requests', { requestsPerTarget: 6_000, targetGroup: this.targets });
    this.#addFirewall();
    this.#addAddress();
    this.#rotatePassword(props);
  }

  #makeTask({ data, signIn, network }: ApiStackProps): SpinbayTask {
    const { domains, api, database } = this.params;
    const task = makeTask(this, 'Task', {
      image: 'api',
      environment: this.params,
      cpu: api.cpu,
      memoryMb: api.memoryMb,
      role: this.role,
      port,
      health: `http://127.0.0.1:${port}/healthz`,
      settings: {
        SPINBAY_HOST: '0.0.0.0',
        SPINBAY_API_PORT: String(port),
        SPINBAY_API_URL: `https://${domains.api}`,
        SPINBAY_PORTAL_URL: `https://${domains.portal}`,
        SPINBAY_CAPTURE_URL: `https://${domains.capture}`,
        SPINBAY_SIGNING_KEYS: data.signingKeys.secretArn,
        // The load balancer is in this network, and nothing else can reach the tasks.
        SPINBAY_TRUSTED_PROXIES: network.vpc.vpcCidrBlock,
        DATABASE_URL: data.databaseUrl('app'),
        DATABASE_SECRET: data.appSecret.secretArn,
        DATABASE_POOL_SIZE: String(database.poolSizePerTask),
        S3_BUCKET: data.photos.bucketName,
        AWS_REGION: this.region,
        OIDC_ISSUER: signIn.issuer,
        OIDC_CLIENT_ID: signIn.clientId,
        ...(signIn.trustedEmailDomains.length > 0 && {
          OIDC_TRUSTED_EMAIL_DOMAINS: signIn.trustedEmailDomains.join(','),
        }),
        ...traceSettings(this.params),
      },
      secrets: { REDIS_URL: ecs.Secret.fromSecretsManager(data.redisUrl) },
    });
    readSecrets(task.definition.obtainExecutionRole(), data, [data.redisUrl]);
    return task;
  }

  #makeLoadBalancer({ network, data }: ApiStackProps) {
    const { certificates, protectData } = this.params;
    const loadBalancer = new elb.ApplicationLoadBalancer(this, 'LoadBalancer', {
      vpc: network.vpc,
      vpcSubnets: { subnetGroupName: 'public' },
      internetFacing: true,
      securityGroup: network.loadBalancerGroup,
      deletionProtection: protectData,
      dropInvalidHeaderFields: true,
      // Longer than the longest transaction, shorter than the keep-alive of the API.
      idleTimeout: Duration.seconds(60),
    });
    loadBalancer.logAccessLogs(data.accessLogs, 'load-balancer');
    const listener = loadBalancer.addListener('Https', {
      port: 443,
      protocol: elb.ApplicationProtocol.HTTPS,
      certificates: [acm.Certificate.fromCertificateArn(this, 'Certificate', certificates.api)],
      sslPolicy: elb.SslPolicy.RECOMMENDED_TLS,
      open: false,
    });
    const targets = listener.addTargets('Api', {
      port,
      protocol: elb.ApplicationProtocol.HTTP,
      targets: [this.service],
      deregistrationDelay: Duration.seconds(30),
      healthCheck: { path: '/readyz', interval: Duration.seconds(10), healthyThresholdCount: 2 },
    });
    return { loadBalancer, targets };
  }

  #addFirewall(): void {
    const firewall = new wafv2.CfnWebACL(this, 'Firewall', {
      scope: 'REGIONAL',
      defaultAction: { allow: {} },
      visibilityConfig: { cloudWatchMetricsEnabled: true, metricName: 'spinbay-api', sampledRequestsEnabled: true },
      rules: apiRules,
    });
    new wafv2.CfnWebACLAssociation(this, 'FirewallOfApi', {
      resourceArn: this.loadBalancer.loadBalancerArn,
      webAclArn: firewall.attrArn,
    });
  }

  #addAddress(): void {
    const { hostedZone, domains } = this.params;
    new CfnOutput(this, 'ApiAddress', { value: domains.api });
    new CfnOutput(this, 'LoadBalancerName', { value: this.loadBalancer.loadBalancerDnsName });
    if (hostedZone === null) return;
    new route53.ARecord(this, 'Record', {
      zone: findZone(this, hostedZone),
      recordName: `${domains.api}.`,
      target: route53.RecordTarget.fromAlias(new LoadBalancerTarget(this.loadBalancer)),
    });
  }

  /** In this stack and not beside the secret, because the migrations create the database role first. */
  #rotatePassword({ network, data }: ApiStackProps): void {
    new secrets.RotationSchedule(this, 'PasswordRotation', {
      secret: secrets.Secret.fromSecretAttributes(this, 'AppSecret', {
        secretCompleteArn: data.appSecret.secretArn,
        encryptionKey: data.key,
      }),
      automaticallyAfter: Duration.days(30),
      hostedRotation: secrets.HostedRotation.postgreSqlSingleUser({
        functionName: `spinbay-${this.params.name}-rotate-password`,
        vpc: network.vpc,
        vpcSubnets: { subnetGroupName: 'isolated' },
        securityGroups: [network.rotationGroup],
        excludeCharacters: ` !"#$%&'()*+,-./:;<=>?@[\\]^_\`{|}~`,
      }),
      rotateImmediatelyOnUpdate: false,
    });
  }
}
