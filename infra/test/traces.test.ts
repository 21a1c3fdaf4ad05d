import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CfnElement, Stack } from 'aws-cdk-lib';
import { CfnSecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { CfnTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { services } from '../../packages/runtime/src/services.ts';
import { buildApp } from '../src/app.ts';
import { readEnvironment } from '../src/environment.ts';

const collector = 'http://collector.spinbay.internal:4318';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spinbay-traces-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The resources of a kind, without a synth, which takes half a minute. */
function resourcesOf<T extends CfnElement>(
  environment: Parameters<typeof buildApp>[0],
  kind: new (...args: never[]) => T,
): T[] {
  const app = buildApp(environment, join(folder, environment.name));
  return app.node.findAll().filter((construct): construct is T => construct instanceof kind);
}

/** The settings for traces of each task and function, by stack. */
function traceSettingsOf(environment: Parameters<typeof buildApp>[0]): Record<string, Record<string, string>> {
  const tasks = resourcesOf(environment, CfnTaskDefinition).map((task) => {
    const [container] = Stack.of(task).resolve(task.containerDefinitions);
    const pairs = container.environment.map(({ name, value }: { name: string; value: string }) => [name, value]);
    return [Stack.of(task), pairs] as const;
  });
  const functions = resourcesOf(environment, CfnFunction).map((one) => {
    const { variables } = Stack.of(one).resolve(one.environment) ?? { variables: {} };
    return [Stack.of(one), Object.entries(variables)] as const;
  });
  return Object.fromEntries(
    [...tasks, ...functions].map(([stack, pairs]) => [
      stack.stackName.replace(`spinbay-${environment.name}-`, ''),
      Object.fromEntries(pairs.filter(([name]: [string]) => name.startsWith('OTEL_'))),
    ]),
  );
}

test.each(['dev', 'staging'] as const)(
  'the API and the worker of %s send their traces to the collector, and the other tasks have no such setting',
  (name) => {
    const traced = {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector,
      OTEL_RESOURCE_ATTRIBUTES: `deployment.environment.name=${name}`,
    };
    const environment = readEnvironment(name);
    expect(traceSettingsOf({ ...environment, traces: { collector } })).toEqual({
      ...{ api: traced, worker: traced },
      ...{ eraser: {}, migrate: {} },
    });
    expect(traceSettingsOf(environment)).toEqual({ api: {}, worker: {}, eraser: {}, migrate: {} });
    for (const service of ['api', name === 'dev' ? 'worker' : 'workerFunction'] as const)
      expect(services[service].optional).toEqual(expect.arrayContaining(Object.keys(traced)));
  },
);

test('the security groups of the API and the worker allow connections to the collector', () => {
  const groups = resourcesOf({ ...readEnvironment('dev'), traces: { collector } }, CfnSecurityGroup);
  const open = groups.filter((group) => /ApiGroup|WorkerGroup/.test(group.node.path));
  expect(open).toHaveLength(2);
  for (const group of open)
    expect(Stack.of(group).resolve(group.securityGroupEgress)).toEqual([
      expect.objectContaining({ cidrIp: '0.0.0.0/0', ipProtocol: '-1' }),
    ]);
});
