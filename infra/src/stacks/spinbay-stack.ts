import { Stack, type StackProps, Tags } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Environment } from '../environment.ts';

export interface SpinbayStackProps extends StackProps {
  readonly environment: Environment;
}

/** A stack of one environment, in its account and region. */
export class SpinbayStack extends Stack {
  /** What the file of the environment says. */
  readonly params: Environment;

  constructor(scope: Construct, part: string, { environment, ...props }: SpinbayStackProps) {
    const { name, account, region, protectData } = environment;
    super(scope, `spinbay-${name}-${part}`, {
      ...props,
      env: { account, region },
      terminationProtection: protectData,
    });
    this.params = environment;
    Tags.of(this).add('spinbay-environment', name);
  }

  /** Said by the environment file: asking the account at a synth would need credentials. */
  override get availabilityZones(): string[] {
    return this.params.availabilityZones;
  }
}
