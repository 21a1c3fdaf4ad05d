import { Stack, type StackProps, Tags } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Environment } from '../environment.ts';

export interface SpinbayStackProps extends StackProps {
  readonly environment: Environment;
}

/** A stack of one environment, in its account and region. */
export class SpinbayStack extends Stack {
  /** The content of the environment file. */
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

  /** From the environment file. A look-up in the account would need credentials at synth time. */
  override get availabilityZones(): string[] {
    return this.params.availabilityZones;
  }
}
