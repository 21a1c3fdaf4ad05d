import * as route53 from 'aws-cdk-lib/aws-route53';
import type { Construct } from 'constructs';

/** Imports the hosted zone of the environment file into a stack, once. */
export function findZone(stack: Construct, { id, name }: { id: string; name: string }): route53.IHostedZone {
  const made = stack.node.tryFindChild('Zone') as route53.IHostedZone | undefined;
  return made ?? route53.HostedZone.fromHostedZoneAttributes(stack, 'Zone', { hostedZoneId: id, zoneName: name });
}
