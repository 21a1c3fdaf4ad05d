import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { environmentNames, parseEnvironment, readEnvironment } from '../src/environment.ts';

const text = readFileSync(fileURLToPath(new URL('../environments/dev.json', import.meta.url)), 'utf8');

const issuer = { kind: 'issuer', url: 'https://id.test/', clientId: 'spinbay-portal' };

/** Changes one value of the development environment. @returns the error message */
function faultOf(change: (environment: Record<string, never>) => void, name = 'dev'): string {
  const environment = JSON.parse(text);
  change(environment);
  try {
    parseEnvironment(name, JSON.stringify(environment));
    return 'no fault';
  } catch (error) {
    return (error as Error).message;
  }
}

test('every environment file is valid', () => {
  expect(environmentNames()).toEqual(['dev', 'prod', 'staging']);
  for (const name of environmentNames()) expect(readEnvironment(name).name).toBe(name);
});

test('an issuer with its own host of endpoints and with trusted domains is accepted', () => {
  const signIn = { ...issuer, tokenOrigin: 'https://people.test', trustedEmailDomains: ['real.test'] };
  expect(parseEnvironment('dev', JSON.stringify({ ...JSON.parse(text), signIn })).signIn).toEqual(signIn);
});

test('an unknown environment is reported with the existing ones', () => {
  expect(() => readEnvironment('../dev')).toThrow('There is no environment "../dev". infra/environments has dev,');
});

// biome-ignore lint/suspicious/noExplicitAny: values of the wrong type are the point
type Change = (environment: any) => void;
test.each<[string, Change, RegExp]>([
  ['a missing value', (e) => delete e.region, /- region: /],
  ['an unknown key', (e) => Object.assign(e, { regoin: 'x' }), /Unrecognized key: "regoin"/],
  ['an invalid account', (e) => Object.assign(e, { account: '12' }), /- account: is not an AWS account number/],
  ['a region without all services', (e) => Object.assign(e, { region: 'ap-east-9' }), /- region: /],
  [
    'a zone of another region',
    (e) => Object.assign(e, { availabilityZones: ['us-east-1a', 'eu-central-1a'] }),
    /- availabilityZones: us-east-1a is not a zone of eu-central-1/,
  ],
  [
    'an instance class that RDS does not have',
    (e) => Object.assign(e.database, { instanceClass: 'm9z.huge' }),
    /- database\.instanceClass: is not an RDS class/,
  ],
  [
    'a Redis node that does not exist',
    (e) => Object.assign(e, { redisNode: 'cache.big' }),
    /- redisNode: is not an ElastiCache node type/,
  ],
  [
    'CPU and memory that Fargate does not have',
    (e) => Object.assign(e.api, { cpu: 512, memoryMb: 8192 }),
    /- api\.memoryMb: 512 CPU units with 8192 MiB are not supported/,
  ],
  [
    'a worker with less than 2 GB',
    (e) => Object.assign(e.worker.tasks, { memoryMb: 1024 }),
    /- worker\.tasks\.memoryMb: /,
  ],
  [
    'a function timeout below a minute',
    (e) => Object.assign(e, { worker: { kind: 'lambda', memoryMb: 2048, timeoutSeconds: 30, maxConcurrency: 2 } }),
    /- worker\.timeoutSeconds: /,
  ],
  [
    'a maximum of tasks below the minimum',
    (e) => Object.assign(e.api, { minTasks: 9, maxTasks: 2 }),
    /- api\.minTasks: is more than maxTasks \(2\)/,
  ],
  [
    'a certificate in the wrong region',
    (e) => Object.assign(e.certificates, { web: e.certificates.api }),
    /- certificates\.web: is in eu-central-1; CloudFront needs one in us-east-1/,
  ],
  [
    'a domain outside the hosted zone',
    (e) => Object.assign(e, { hostedZone: { id: 'Z1', name: 'other.test' } }),
    /- domains\.api: is not in the hosted zone other\.test/,
  ],
  [
    'one domain name for two sites',
    (e) => Object.assign(e.domains, { portal: e.domains.api }),
    /- domains: has the same domain name twice/,
  ],
  [
    'a disk above its maximum size',
    (e) => Object.assign(e.database, { storageGb: 500 }),
    /- database\.storageGb: is more than maxStorageGb/,
  ],
  [
    'a database with too few connections for a deployment, which doubles the tasks',
    (e) => Object.assign(e.worker.tasks, { maxTasks: 30 }),
    /- database\.instanceClass: has 450 connections, but 20 of the API, 300 of the workers and 2 of the eraser are 644 /,
  ],
  [
    'a collector with a path',
    (e) => Object.assign(e, { traces: { collector: 'http://collector.test:4318/v1/traces' } }),
    /- traces\.collector: is not an http:\/\/ or https:\/\/ address without a path/,
  ],
  ['an unknown kind of sign-in', (e) => Object.assign(e, { signIn: { kind: 'ldap' } }), /- signIn\.kind: /],
  [
    'a token endpoint instead of its origin',
    (e) => Object.assign(e, { signIn: { ...issuer, tokenOrigin: 'https://id.test/oauth2/token' } }),
    /- signIn\.tokenOrigin: is not an https:\/\/ address without a path/,
  ],
  [
    'a trusted email address instead of its domain',
    (e) => Object.assign(e, { signIn: { ...issuer, trustedEmailDomains: ['ada@real.test'] } }),
    /- signIn\.trustedEmailDomains\.0: is not a domain name/,
  ],
  [
    'the name of another environment',
    (e) => Object.assign(e, { name: 'staging' }),
    /- name: is "staging", but the file is for "dev"/,
  ],
])('%s is reported', (_, change, words) => expect(faultOf(change)).toMatch(words));

test('all mistakes are reported at once', () => {
  const fault = faultOf((e: Record<string, unknown>) => {
    e.account = 'x';
    e.redisNode = 'x';
    e.alarmEmail = 'nobody';
  });
  expect(fault.match(/^ {2}- /gm)).toHaveLength(3);
  expect(fault).toContain('infra/environments/dev.json');
});

test('production without a second database zone or without data protection is refused', () => {
  expect(faultOf((e: Record<string, unknown>) => Object.assign(e, { name: 'prod' }), 'prod')).toMatch(
    /production requires/,
  );
});

test('a file that is not JSON is reported', () => {
  expect(() => parseEnvironment('dev', '{')).toThrow(/infra\/environments\/dev\.json is not JSON/);
});
