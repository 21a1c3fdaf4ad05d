import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Accepts rule findings, each with its reason. The synth fails on any other finding. */
export function acknowledge(scope: IConstruct, reasons: Readonly<Record<string, string>>): void {
  for (const [id, reason] of Object.entries(reasons)) Validations.of(scope).acknowledge({ id, reason });
}
