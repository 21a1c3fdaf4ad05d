import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { connectionFault } from './database-limits.ts';

const domain = z.string().regex(/^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/, 'is not a domain name');
const httpsOrigin = z.string().regex(/^https:\/\/[a-z0-9.-]+(:\d+)?$/, 'is not an https:// address without a path');
const origin = z
  .string()
  .regex(/^https?:\/\/[a-z0-9.-]+(:\d+)?$/, 'is not an http:// or https:// address without a path');
const wholeNumber = (least: number, most: number) => z.int().min(least).max(most);
const certificate = z
  .string()
  .regex(/^arn:aws:acm:[a-z0-9-]+:\d{12}:certificate\/[0-9a-f-]{36}$/, 'is not the ARN of an ACM certificate');

/** The CPU units that an environment may use, and the memory in MiB that Fargate offers for each. */
const fargateMemory: Readonly<Record<number, readonly [least: number, most: number, step: number]>> = {
  512: [1024, 4096, 1024],
  1024: [2048, 8192, 1024],
  2048: [4096, 16_384, 1024],
  4096: [8192, 30_720, 1024],
};

function fargate(minMemoryMb: number) {
  const shape = z.strictObject({
    cpu: z.int(),
    memoryMb: z.int().min(minMemoryMb),
    minTasks: wholeNumber(1, 100),
    maxTasks: wholeNumber(1, 1000),
  });
  return shape.superRefine(({ cpu, memoryMb, minTasks, maxTasks }, context) => {
    const [least, most, step] = fargateMemory[cpu] ?? [0, -1, 1];
    if (memoryMb < least || memoryMb > most || (memoryMb - least) % step !== 0) {
      const offered = Object.entries(fargateMemory).map(([units, [from, to]]) => `${units} with ${from}-${to} MiB`);
      context.addIssue({
        code: 'custom',
        path: ['memoryMb'],
        message: `${cpu} CPU units with ${memoryMb} MiB are not supported (${offered.join(', ')})`,
      });
    }
    if (minTasks > maxTasks) {
      context.addIssue({ code: 'custom', path: ['minTasks'], message: `is more than maxTasks (${maxTasks})` });
    }
  });
}

/**
 * Regions with every needed service: Fargate and RDS on Graviton, PostgreSQL 18, Cognito, WAF. Check AWS's list before you
 * add one.
 */
const regions = [
  'ca-central-1',
  'eu-central-1',
  'eu-north-1',
  'eu-west-1',
  'eu-west-2',
  'us-east-1',
  'us-east-2',
  'us-west-2',
] as const;

/** The instance classes of RDS for PostgreSQL 18 and the nodes of ElastiCache that all these regions have. */
const databaseClasses = /^(t4g\.(micro|small|medium|large)|[mr][67]g\.(large|xlarge|2xlarge|4xlarge|8xlarge))$/;
const redisNodes = /^cache\.(t4g\.(micro|small|medium)|[mr]7g\.(large|xlarge))$/;

const Environment = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z][a-z0-9]{1,11}$/, 'is not a name of 2 to 12 lowercase letters and digits, beginning with a letter'),
    account: z.string().regex(/^\d{12}$/, 'is not an AWS account number (12 digits)'),
    region: z.enum(regions),
    availabilityZones: z.array(z.string()).min(2).max(3),
    /** Domain names, and their ACM certificates: for the API in `region`, for the web in us-east-1. */
    domains: z.strictObject({ api: domain, portal: domain, capture: domain }),
    certificates: z.strictObject({ api: certificate, web: certificate }),
    /** The zone for the DNS records. Null: create the records by hand from the outputs of the stacks. */
    hostedZone: z
      .strictObject({ id: z.string().regex(/^Z[A-Z0-9]+$/, 'is not the id of a hosted zone'), name: domain })
      .nullable(),
    signIn: z.discriminatedUnion('kind', [
      /** Creates a user pool with its sign-in page at {domainPrefix}.auth.{region}.amazoncognito.com. */
      z.strictObject({
        kind: z.literal('cognito'),
        domainPrefix: z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/),
      }),
      z.strictObject({
        kind: z.literal('issuer'),
        url: z.url({ protocol: /^https$/ }),
        clientId: z.string().min(1),
        /** The origin of the token endpoint, if it is on another host than the issuer. */
        tokenOrigin: httpsOrigin.optional(),
        trustedEmailDomains: z.array(domain).optional(),
      }),
    ]),
    /** 0: the API's tasks have public addresses that only the load balancer can reach. */
    natGateways: wholeNumber(0, 3),
    cpuArchitecture: z.enum(['ARM64', 'X86_64']),
    database: z.strictObject({
      instanceClass: z.string().regex(databaseClasses, 'is not an RDS class for PostgreSQL 18 on Graviton'),
      storageGb: wholeNumber(20, 10_000),
      maxStorageGb: wholeNumber(20, 16_000),
      multiAz: z.boolean(),
      /** Any second of this many days can be restored. */
      backupDays: wholeNumber(7, 35),
      poolSizePerTask: wholeNumber(2, 100),
    }),
    redisNode: z.string().regex(redisNodes, 'is not an ElastiCache node type'),
    api: fargate(1024),
    worker: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('fargate'), tasks: fargate(2048), backlogPerTask: wholeNumber(1, 10_000) }),
      z.strictObject({
        kind: z.literal('lambda'),
        memoryMb: wholeNumber(2048, 10_240),
        timeoutSeconds: wholeNumber(60, 900),
        maxConcurrency: wholeNumber(2, 1000),
      }),
    ]),
    /** The OpenTelemetry collector that gets the traces of the API and the worker. It must be reachable from the VPC. */
    traces: z.strictObject({ collector: origin }).optional(),
    retention: z.strictObject({
      /** Days for which a replaced or deleted photo can be restored. */
      replacedPhotoDays: wholeNumber(1, 365),
      /** The setting ORPHAN_REMOVAL of the eraser. Use `off` after the database was restored to an earlier time. */
      orphanRemoval: z.enum(['guarded', 'always', 'off']).default('guarded'),
      logDays: z.union([z.literal(7), z.literal(30), z.literal(90), z.literal(365)]),
    }),
    /** Protects stacks from deletion, and keeps their data. */
    protectData: z.boolean(),
    alarmEmail: z.email(),
  })
  .superRefine((env, context) => {
    const fault = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    const elsewhere = env.availabilityZones.filter((zone) => !new RegExp(`^${env.region}[a-f]$`).test(zone));
    if (elsewhere.length > 0) fault(['availabilityZones'], `${elsewhere.join(', ')} is not a zone of ${env.region}`);
    if (new Set(env.availabilityZones).size < env.availabilityZones.length)
      fault(['availabilityZones'], 'has the same zone twice');
    if (env.natGateways > env.availabilityZones.length) fault(['natGateways'], 'is more than the number of zones');
    const [apiRegion, webRegion] = [env.certificates.api, env.certificates.web].map((arn) => arn.split(':')[3]);
    if (apiRegion !== env.region)
      fault(['certificates', 'api'], `is in ${apiRegion}; the load balancer needs one in ${env.region}`);
    if (webRegion !== 'us-east-1')
      fault(['certificates', 'web'], `is in ${webRegion}; CloudFront needs one in us-east-1`);
    for (const [name, address] of Object.entries(env.domains)) {
      if (env.hostedZone !== null && !address.endsWith(`.${env.hostedZone.name}`))
        fault(['domains', name], `is not in the hosted zone ${env.hostedZone.name}`);
    }
    if (new Set(Object.values(env.domains)).size < 3) fault(['domains'], 'has the same domain name twice');
    if (env.database.storageGb > env.database.maxStorageGb)
      fault(['database', 'storageGb'], 'is more than maxStorageGb');
    const tooFew = connectionFault(env);
    if (tooFew !== null) fault(['database', 'instanceClass'], tooFew);
    if (env.name === 'prod' && !(env.database.multiAz && env.protectData))
      fault(['name'], 'is "prod": production requires database.multiAz and protectData');
  });

export type Environment = z.output<typeof Environment>;

/** The placeholder account of the environment files in the repository. Nobody can deploy to it. */
export const exampleAccount = '111122223333';

export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
}

const folder = fileURLToPath(new URL('../environments/', import.meta.url));

export function environmentNames(): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .sort();
}

/** @throws EnvironmentError that lists all wrong values */
export function readEnvironment(name: string): Environment {
  if (!environmentNames().includes(name)) {
    throw new EnvironmentError(
      `There is no environment "${name}". infra/environments has ${environmentNames().join(', ')}.`,
    );
  }
  return parseEnvironment(name, readFileSync(`${folder}${name}.json`, 'utf8'));
}

/** @throws EnvironmentError that lists all wrong values */
export function parseEnvironment(name: string, text: string): Environment {
  const file = `infra/environments/${name}.json`;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new EnvironmentError(`${file} is not JSON: ${(error as Error).message}`);
  }
  const parsed = Environment.safeParse(json);
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => `  - ${path.join('.') || 'the file'}: ${message}`);
    throw new EnvironmentError(`${file}:\n${faults.join('\n')}`);
  }
  if (parsed.data.name !== name) {
    throw new EnvironmentError(
      `${file}:\n  - name: is "${parsed.data.name}", but the file is for "${name}". Two environments with one name would share their stacks.`,
    );
  }
  return parsed.data;
}
