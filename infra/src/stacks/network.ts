import { CfnOutput } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';
import { makeLogGroup } from '../spinbay-task.ts';
import { SpinbayStack, type SpinbayStackProps } from './spinbay-stack.ts';

/** AWS services that tasks without a route to the internet call through interface endpoints. */
const services = {
  SecretsManager: ec2.InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
  Sqs: ec2.InterfaceVpcEndpointAwsService.SQS,
  Logs: ec2.InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
  EcrApi: ec2.InterfaceVpcEndpointAwsService.ECR,
  EcrDocker: ec2.InterfaceVpcEndpointAwsService.ECR_DOCKER,
};

/**
 * Three kinds of subnets: `public` for the load balancer; `api` for the API, which needs internet access to fetch the
 * issuer's keys; and `isolated`, without a route to the internet, for everything else (database, Redis, worker, eraser,
 * one-off tasks). Without NAT gateways there is no `api`, and the API is in `public`.
 */
export class NetworkStack extends SpinbayStack {
  readonly vpc: ec2.Vpc;
  /** Subnets of the API: private with NAT gateways, otherwise public behind a closed security group. */
  readonly apiSubnets: ec2.SubnetSelection;
  readonly apiHasPublicAddress: boolean;
  readonly loadBalancerGroup: ec2.SecurityGroup;
  readonly apiGroup: ec2.SecurityGroup;
  readonly workerGroup: ec2.SecurityGroup;
  readonly eraserGroup: ec2.SecurityGroup;
  readonly migrateGroup: ec2.SecurityGroup;
  readonly rotationGroup: ec2.SecurityGroup;

  constructor(scope: Construct, props: SpinbayStackProps) {
    super(scope, 'network', props);
    const { natGateways } = this.params;
    this.apiHasPublicAddress = natGateways === 0;
    const subnet = (name: string, subnetType: ec2.SubnetType) => ({ name, subnetType, cidrMask: 20 });
    this.vpc = new ec2.Vpc(this, 'Vpc', {
      ipAddresses: ec2.IpAddresses.cidr('10.0.0.0/16'),
      natGateways,
      restrictDefaultSecurityGroup: false,
      subnetConfiguration: [
        { ...subnet('public', ec2.SubnetType.PUBLIC), mapPublicIpOnLaunch: false },
        ...(natGateways > 0 ? [subnet('api', ec2.SubnetType.PRIVATE_WITH_EGRESS)] : []),
        subnet('isolated', ec2.SubnetType.PRIVATE_ISOLATED),
      ],
      flowLogs: {
        all: {
          destination: ec2.FlowLogDestination.toCloudWatchLogs(makeLogGroup(this, 'FlowLog', this.params)),
          trafficType: ec2.FlowLogTrafficType.REJECT,
        },
      },
    });
    acknowledge(this.vpc, {
      'CloudFormation-Validate::W3010': 'The environment file lists the zones, so that a synth needs no account.',
    });
    this.apiSubnets = { subnetGroupName: natGateways > 0 ? 'api' : 'public' };
    this.vpc.addGatewayEndpoint('S3', { service: ec2.GatewayVpcEndpointAwsService.S3 });

    const group = (id: string, description: string, allowAllOutbound = true) =>
      new ec2.SecurityGroup(this, id, { vpc: this.vpc, description, allowAllOutbound });
    this.loadBalancerGroup = group(
      'LoadBalancerGroup',
      'Spinbay: inbound HTTPS from everywhere, outbound to the API only',
      false,
    );
    this.loadBalancerGroup.addIngressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(443), 'HTTPS');
    acknowledge(this.loadBalancerGroup, {
      'AwsSolutions-EC23': 'The API is public: HTTPS is open to everyone, and nothing else is.',
    });
    this.apiGroup = group('ApiGroup', 'Spinbay API: from the load balancer only');
    this.apiGroup.connections.allowFrom(this.loadBalancerGroup, ec2.Port.tcp(4000), 'requests');
    this.workerGroup = group('WorkerGroup', 'Spinbay worker: no inbound connections');
    this.eraserGroup = group('EraserGroup', 'Spinbay eraser: no inbound connections');
    this.migrateGroup = group('MigrateGroup', 'Spinbay one-off tasks: no inbound connections');
    if (this.params.traces !== undefined) {
      // The group of the collector must admit them.
      new CfnOutput(this, 'TracedApi', { value: this.apiGroup.securityGroupId });
      new CfnOutput(this, 'TracedWorker', { value: this.workerGroup.securityGroupId });
    }
    this.rotationGroup = group('RotationGroup', 'Spinbay: rotation of the database password');

    const endpoints = group('EndpointGroup', 'Spinbay: endpoints of AWS services', false);
    const callers = [this.apiGroup, this.workerGroup, this.eraserGroup, this.migrateGroup, this.rotationGroup];
    for (const caller of callers) endpoints.connections.allowFrom(caller, ec2.Port.tcp(443), 'AWS services');
    for (const [id, service] of Object.entries(services)) {
      this.vpc.addInterfaceEndpoint(id, {
        service,
        subnets: { subnetGroupName: 'isolated' },
        securityGroups: [endpoints],
        open: false,
      });
    }
  }
}
