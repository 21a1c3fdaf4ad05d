import { validateHeaderName, validateHeaderValue } from 'node:http';
import { isIP } from 'node:net';
import { defaultQcThresholds, QcProfile } from '@spinbay/contracts';
import { UserError } from '@spinbay/contracts/user-error';
import { z } from 'zod';

/** The "bad ports" of the Fetch standard above 1023. Browsers and the fetch of Node.js refuse to connect to them. */
const blockedPorts = [
  1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10_080,
];

const anyPort = () =>
  z.coerce
    .number()
    .int()
    .min(1)
    .max(65_535)
    .refine((n) => !blockedPorts.includes(n), 'is a port that browsers block; choose another one');
const port = (fallback: number) => anyPort().default(fallback);
const url = () => z.url({ protocol: /^https?$/ }).transform((u) => u.replace(/\/$/, ''));
/** An address of scheme, host and port only. A path would break signatures, because a proxy removes it. */
const origin = () =>
  url().refine((u) => new URL(u).href === `${u}/`, 'is not an address without a path, such as https://photos.example');
const postgresUrl = () => z.url({ protocol: /^postgres(ql)?$/ });
const secret = () => z.string().min(1);

/** Pairs as in `name=value,other=value`, with percent-encoded values. A refusal does not show them: they may be secret. */
function pairs(isAllowed: (name: string, value: string) => boolean) {
  return z.string().transform((text, context) => {
    try {
      const entries = text.split(',').map((pair) => {
        const [, name = '', value = ''] = /^([^=]+)=(.*)$/.exec(pair.trim()) ?? [];
        return [name.trim(), decodeURIComponent(value.trim())] as const;
      });
      if (entries.every(([name, value]) => name !== '' && isAllowed(name, value))) return Object.fromEntries(entries);
    } catch {
      // Reported below.
    }
    context.addIssue({ code: 'custom', message: 'is not a list such as name=value,other=value' });
    return z.NEVER;
  });
}

/** @throws TypeError if it is not */
function isHeader(name: string, value: string): boolean {
  validateHeaderName(name);
  validateHeaderValue(name, value);
  return true;
}

/** Access keys for the roles of the local S3 and SQS server, as JSON. */
function accessKeys() {
  const key = z.strictObject({ accessKeyId: secret(), secretAccessKey: secret() });
  // The secrets of earlier versions have no eraser.
  const shape = z.strictObject({ admin: key, api: key, worker: key, eraser: key.optional() });
  return z.string().transform((text, context) => {
    try {
      const parsed = shape.safeParse(JSON.parse(text));
      if (parsed.success) return parsed.data;
    } catch {
      // Reported below without the text, because it contains secrets.
    }
    context.addIssue({
      code: 'custom',
      message: 'is not a JSON object with the keys of admin, api, worker and (optional) eraser',
    });
    return z.NEVER;
  });
}

/** Whether the text is an IP address or a network as `address/bits`. A network of all addresses is not allowed. */
function isAddressOrNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const longest = { 4: 32, 6: 128 }[isIP(address)];
  if (longest === undefined || more.length > 0) return false;
  return bits === undefined || (/^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= longest);
}

/** Texts separated by commas. */
const list = () =>
  z
    .string()
    .default('')
    .transform((text) => text.split(',').flatMap((part) => part.trim() || []));

/** A domain such as realcars.example, without wildcards. */
const domainPattern = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** How the deletion jobs treat objects of the bucket without a row in the database. */
const OrphanRemoval = z.enum(['guarded', 'always', 'off']);
export type OrphanRemoval = z.output<typeof OrphanRemoval>;

interface Setting {
  readonly type: z.ZodType;
  /** The description for `.env.example`: the meaning, and the behaviour without a value. */
  readonly about: string;
}

function setting<T extends z.ZodType>(type: T, about: string) {
  return { type, about } satisfies Setting;
}

/**
 * Every setting of every process, with its type, default and meaning. A test checks `.env.example` against this table.
 * Processes read no other settings from the environment.
 */
export const settings = {
  SPINBAY_DATA_DIR: setting(
    z.string().min(1).default('.data'),
    'Folder of the local installation: database, photos, keys and endpoints.json.',
  ),
  SPINBAY_HOST: setting(
    z.string().min(1).default('127.0.0.1'),
    'Address that the servers listen on. Default: loopback.',
  ),
  SPINBAY_API_PORT: setting(port(4000), 'Port of the API.'),
  SPINBAY_PORTAL_PORT: setting(port(4100), 'Port of the portal.'),
  SPINBAY_CAPTURE_PORT: setting(port(4200), 'Port of the capture app.'),
  SPINBAY_CLOUD_PORT: setting(port(4300), 'Port of the local S3 and SQS server.'),
  SPINBAY_OIDC_PORT: setting(port(4400), 'Port of the local OpenID Connect provider.'),
  SPINBAY_PG_PORT: setting(port(4500), 'Port of the local PostgreSQL.'),
  SPINBAY_WORKER_PORT: setting(
    anyPort(),
    'Port of the worker, or of the eraser, for GET /healthz and /metrics, at SPINBAY_HOST. Unset: the process does not listen.',
  ),
  ECS_AGENT_URI: setting(
    url(),
    'Set by Amazon ECS in each container. While the worker has messages in flight, it asks this agent not to stop its task. Unset elsewhere.',
  ),
  SPINBAY_PUBLIC_URL: setting(
    origin().refine((u) => u.startsWith('https:'), 'does not begin with https://'),
    'For `npm start`: the HTTPS address at which a reverse proxy serves everything, with the layout of docs/self-hosting.md. `npm start -- --lan` sets it. Unset: each part has its own address on this machine.',
  ),
  SPINBAY_LAN_PORT: setting(port(4443), 'Port of the HTTPS address that `npm start -- --lan` opens for phones.'),
  SPINBAY_LAN_ADDRESS: setting(
    z.union([z.ipv4(), z.ipv6()]),
    'IP address at which phones reach this machine (`npm start -- --lan`). Unset: the address of its default route.',
  ),
  SPINBAY_DEMO: setting(
    z.enum(['on', 'off']),
    'Whether the first `npm start` creates the demo organizations and the sample spin. Unset: on with the local PostgreSQL, off with DATABASE_URL. Demo data that was erased is not created again.',
  ),
  DATABASE_URL: setting(
    postgresUrl(),
    'PostgreSQL database. For the API and the worker: the unprivileged role. For `npm start` (instead of the local PostgreSQL): a role that may create roles and databases. For `npx spinbay org`: the role that owns the tables.',
  ),
  DATABASE_SECRET: setting(
    z.string().min(1),
    'File, or ARN of a secret in AWS Secrets Manager: JSON whose member `password` is the password for DATABASE_URL. The URL then must not contain a password. When the database refuses the password, running processes read it again, so a rotation needs no restart.',
  ),
  DATABASE_APP_SECRET: setting(
    z.string().min(1),
    'For `npx spinbay migrate`: the same for the password of the role spinbay_app, which the API and the worker use. If the role is missing, it is created with this password.',
  ),
  DATABASE_POOL_SIZE: setting(
    z.coerce.number().int().min(1).max(500).default(10),
    'Connections to PostgreSQL per process.',
  ),
  ORG_CONCURRENCY: setting(
    z.coerce.number().int().min(1).max(500).default(4),
    'Concurrent transactions of one organization per API process, out of DATABASE_POOL_SIZE. Further requests wait at most 2 seconds and are then refused with 429.',
  ),
  CALLER_CONCURRENCY: setting(
    z.coerce.number().int().min(1).max(500).default(2),
    'Concurrent transactions of one device or person per API process. A caller who has kept a connection busy for most of the last seconds gets one at a time.',
  ),
  REFUSALS_PER_MINUTE: setting(
    z.coerce.number().int().min(1).default(300),
    'Refusals per minute before the API answers 429: for each address without a valid token (also unknown paths and malformed requests), and for each caller who requests what their role does not allow. Other requests with a valid token are not limited by this.',
  ),
  S3_ENDPOINT: setting(
    url(),
    'S3-compatible endpoint. Leave unset for Amazon S3; `npm start` then uses its own local server.',
  ),
  S3_PUBLIC_ENDPOINT: setting(
    origin(),
    'Address of the object store for browsers and phones, if it differs from S3_ENDPOINT. Signed URLs consist of this address, the bucket and the key.',
  ),
  S3_BUCKET: setting(
    z
      .string()
      .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'is not a bucket name')
      .default('spinbay'),
    'Bucket of the photos.',
  ),
  S3_REGION: setting(z.string().min(1), 'Region of the bucket, if it differs from AWS_REGION.'),
  S3_ACCESS_KEY_ID: setting(
    secret(),
    'Credentials for the bucket, if they differ from those of the queue. Unset: AWS_ACCESS_KEY_ID or a role.',
  ),
  S3_SECRET_ACCESS_KEY: setting(secret(), 'See S3_ACCESS_KEY_ID.'),
  S3_TAGS: setting(
    z.enum(['on', 'off']).default('on'),
    'With "off", uploads have no tags. For object stores that refuse or ignore tags (docs/s3-stores.md).',
  ),
  SQS_ENDPOINT: setting(
    url(),
    'SQS-compatible endpoint. Leave unset for Amazon SQS; `npm start` then uses its own local server.',
  ),
  SQS_QUEUE_URL: setting(url(), 'URL of the queue that receives the events of the bucket.'),
  UPLOAD_HINTS: setting(
    z.enum(['on', 'off']).default('off'),
    'With "on", clients report each completed upload to the API, which sends the message to the queue itself. For buckets that emit no events.',
  ),
  ERASE_UNDO_MINUTES: setting(
    z.coerce
      .number()
      .min(0)
      .max(60 * 24 * 30)
      .default(10),
    'How long erased data is only hidden and can be restored. Afterwards its photos and rows are deleted.',
  ),
  AWS_REGION: setting(z.string().min(1).default('us-east-1'), 'Region of bucket and queue.'),
  AWS_ACCESS_KEY_ID: setting(
    secret(),
    'Credentials for bucket and queue. Leave unset if a role provides them. The local ones are created at the first start.',
  ),
  AWS_SECRET_ACCESS_KEY: setting(secret(), 'See AWS_ACCESS_KEY_ID.'),
  OIDC_ISSUER: setting(
    // The issuer is compared exactly, so a trailing slash stays: some issuers have one.
    z.url({ protocol: /^https?$/ }),
    'OpenID Connect issuer that people sign in with. Leave unset for the local one with demo users. For the local issuer itself: its address behind a reverse proxy.',
  ),
  OIDC_CLIENT_ID: setting(
    z.string().min(1).default('spinbay-portal'),
    'Client id of the portal at the issuer, which is the audience of its identity tokens.',
  ),
  OIDC_ENDPOINT_ORIGIN: setting(
    origin(),
    'Address of the host with the issuer’s token endpoint, for example https://people.auth.eu-central-1.amazoncognito.com. The portal may connect only to the issuer and to this host. Unset: both are the same.',
  ),
  OIDC_TRUSTED_EMAIL_DOMAINS: setting(
    list()
      .transform((domains) => domains.map((domain) => domain.toLowerCase()))
      .refine(
        (domains) => domains.every((domain) => domainPattern.test(domain)),
        'is not a list of domains such as realcars.example',
      ),
    'Domains of email addresses that need no email_verified claim, separated by commas. For an issuer without this claim, such as Microsoft Entra ID, if only its administrators can assign addresses in these domains. An address with email_verified false is always refused. Default: none.',
  ),
  SPINBAY_SIGNING_KEYS: setting(
    z.string().min(1),
    'File, or ARN of a secret in AWS Secrets Manager, with the private keys (JWK set) that sign Spinbay tokens. Created at the first start of the local installation.',
  ),
  SPINBAY_API_URL: setting(url(), 'Address at which browsers and phones reach the API.'),
  SPINBAY_PORTAL_URL: setting(url(), 'Address of the portal: the origin that may call the API from a browser.'),
  SPINBAY_CAPTURE_URL: setting(
    url(),
    'Address of the capture app, including its path if a reverse proxy serves it under one. Its origin may also call the API from a browser. Unset: only the portal may.',
  ),
  SPINBAY_CAPTURE_ORG_ID: setting(
    z.uuid().toLowerCase(),
    'Organization that phones enrol in with the capture app, unless a scanned code names another one.',
  ),
  SPINBAY_CLOUD_DATABASE_URL: setting(postgresUrl(), 'Database of the local S3 and SQS server.'),
  SPINBAY_CLOUD_ACCESS_KEYS: setting(
    accessKeys(),
    'Access keys that the local S3 and SQS server accepts, as JSON: `{"admin": {"accessKeyId", "secretAccessKey"}, "api": ..., "worker": ..., "eraser": ...}`. `npm start` sets it.',
  ),
  SPINBAY_TRUSTED_PROXIES: setting(
    list().refine(
      (parts) => parts.every(isAddressOrNetwork),
      'is not a list of IP addresses and networks such as 10.0.0.0/8',
    ),
    'Reverse proxies and load balancers in front of the API and the local sign-in provider: IP addresses and networks (10.0.0.0/8), separated by commas. X-Forwarded-For is trusted only from these, so that rate limits count callers and not the proxy. Default: none.',
  ),
  REDIS_URL: setting(
    z.url({ protocol: /^rediss?$/ }),
    'Redis in which the instances of the API share their rate limit counters. Unset or unavailable: each instance counts in memory.',
  ),
  METRICS_TOKEN: setting(
    secret(),
    'Bearer token for GET /metrics of API, worker and eraser from other machines. Unset: loopback only.',
  ),
  EVENT_RETENTION_DAYS: setting(
    z.coerce.number().int().min(30).max(36_500).default(400),
    'Events are deleted after this many days. An organization may keep its audit log for a longer or shorter time.',
  ),
  ORPHAN_REMOVAL: setting(
    OrphanRemoval.default('guarded'),
    'What happens to objects in the bucket without a row in the database. guarded: a deletion job removes those that are old enough, but none while most objects have no row. always: the job removes them even then. off: none is removed; set this after the database was restored to an earlier time.',
  ),
  WORKER_DELETIONS: setting(
    z.enum(['on', 'off']).default('on'),
    'Whether the worker also runs the deletion jobs, which delete objects: due erasures, photos that arrive after their erasure, and objects without a row. With "off", the process `eraser` must run them, and the worker needs no right to delete objects. `npm start` then runs an eraser.',
  ),
  WORKER_CONCURRENCY: setting(
    z.coerce.number().int().min(1).max(256),
    'Photos that a worker measures at once. Unset: one per CPU, limited by memory (450 MB each). The limits of a container count. The worker logs the number.',
  ),
  QC_PROFILE: setting(
    QcProfile.default(defaultQcThresholds.profile),
    'Measures that determine the verdict. v1: the sharpness at full size and the clipping of the whole picture. v2: the sharpness at 1000 px and the clipping of the centre. v3: the width of edges, the clipping of the centre and the tones of the whole picture (docs/qc.md). All are always measured.',
  ),
  QC_SHARPNESS_FAIL: setting(
    z.coerce.number().min(0).default(defaultQcThresholds.sharpness_fail),
    'Profile v1: a Laplacian variance below this fails.',
  ),
  QC_SHARPNESS_WARN: setting(
    z.coerce.number().min(0).default(defaultQcThresholds.sharpness_warn),
    'Profile v1: a Laplacian variance up to this warns.',
  ),
  QC_SHARPNESS_1000_FAIL: setting(
    z.coerce.number().min(0).default(defaultQcThresholds.sharpness_1000_fail),
    'Profile v2: a Laplacian variance at a long side of 1000 px below this fails.',
  ),
  QC_SHARPNESS_1000_WARN: setting(
    z.coerce.number().min(0).default(defaultQcThresholds.sharpness_1000_warn),
    'Profile v2: a Laplacian variance at a long side of 1000 px up to this warns.',
  ),
  QC_EDGE_WIDTH_WARN: setting(
    z.coerce.number().min(0).default(defaultQcThresholds.edge_width_warn),
    'Profile v3: an edge width above this, in pixels at a long side of 1600 px, warns.',
  ),
  QC_EDGE_WIDTH_FAIL: setting(
    z.coerce.number().min(0).default(defaultQcThresholds.edge_width_fail),
    'Profile v3: an edge width above this, in pixels at a long side of 1600 px, fails.',
  ),
  QC_CLIP_FRACTION: setting(
    z.coerce.number().min(0).max(1).default(defaultQcThresholds.clip_fraction),
    'Profiles v1 and v2: a share of pure white or pure black pixels above this fails.',
  ),
  QC_SIZE_FAIL: setting(
    z.coerce.number().int().min(0).default(defaultQcThresholds.size_fail),
    'A picture whose long side has fewer pixels than this fails.',
  ),
  QC_SIZE_WARN: setting(
    z.coerce.number().int().min(0).default(defaultQcThresholds.size_warn),
    'A picture whose long side has fewer pixels than this warns.',
  ),
  LOG_LEVEL: setting(
    z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
    'Log level of the processes.',
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: setting(
    url().refine((u) => {
      const { username, password, search, hash } = new URL(u);
      return username + password + search + hash === '';
    }, 'has a user name, a password, a query or a fragment'),
    'OpenTelemetry collector that gets the trace of each photo from API and worker by OTLP over HTTP (JSON), for example http://collector:4318. The path /v1/traces is added. Unset: nothing is recorded (docs/operations.md).',
  ),
  OTEL_EXPORTER_OTLP_HEADERS: setting(
    pairs(isHeader),
    'Headers of these requests as name=value,other=value, with percent-encoded values. For example a token, so treat it as a secret.',
  ),
  OTEL_RESOURCE_ATTRIBUTES: setting(
    pairs((name) => name !== 'service.name'),
    'Attributes of all spans in the same form, such as deployment.environment.name=staging. The name of the service is spinbay-api or spinbay-worker.',
  ),
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof settings;
type ValueOf<K extends SettingName> = z.output<(typeof settings)[K]['type']>;
type Settings<R extends SettingName, O extends SettingName> = { [K in R]: ValueOf<K> } & {
  [K in O]?: ValueOf<K> | undefined;
};

/** Pairs whose first setting must not exceed the second. */
const ascending: readonly (readonly [low: SettingName, high: SettingName])[] = [
  ['QC_SHARPNESS_FAIL', 'QC_SHARPNESS_WARN'],
  ['QC_SHARPNESS_1000_FAIL', 'QC_SHARPNESS_1000_WARN'],
  ['QC_EDGE_WIDTH_WARN', 'QC_EDGE_WIDTH_FAIL'],
];

/** Settings of which both or neither must be set. */
const inseparable: readonly (readonly [SettingName, SettingName])[] = [['S3_ACCESS_KEY_ID', 'S3_SECRET_ACCESS_KEY']];

export class SettingsError extends UserError {
  override readonly name = 'SettingsError';
}

/**
 * Reads the settings of a process from the environment. An empty value counts as not set.
 * @param required settings that must be set or have a default
 * @param optional settings that may be missing
 * @throws SettingsError that names every setting that is missing, malformed or in conflict with another
 */
export function readSettings<R extends SettingName, O extends SettingName = never>(
  environment: Readonly<Record<string, string | undefined>>,
  required: readonly R[],
  optional: readonly O[] = [],
): Settings<R, O> {
  const values: Record<string, unknown> = {};
  const faults: string[] = [];
  for (const name of [...required, ...optional]) {
    const given = environment[name] === '' ? undefined : environment[name];
    if (given === undefined && (optional as readonly SettingName[]).includes(name)) continue;
    const parsed = settings[name].type.safeParse(given);
    if (parsed.success) values[name] = parsed.data;
    else if (given === undefined) faults.push(`${name} is not set. ${settings[name].about}`);
    else
      faults.push(
        `${name} is malformed (${parsed.error.issues.map((i) => i.message).join('; ')}). ${settings[name].about}`,
      );
  }
  for (const [low, high] of ascending) {
    if (Number(values[low]) > Number(values[high]))
      faults.push(
        `${low} (${values[low]}) is larger than ${high} (${values[high]}): lower the first or raise the second.`,
      );
  }
  const asked: readonly SettingName[] = [...required, ...optional];
  for (const [one, other] of inseparable) {
    if (!asked.includes(one) || !asked.includes(other)) continue;
    if ((values[one] === undefined) === (values[other] === undefined)) continue;
    const [set, missing] = values[one] === undefined ? [other, one] : [one, other];
    faults.push(`${set} is set, and ${missing} is not: set both or neither.`);
  }
  if (faults.length > 0) throw new SettingsError(`Settings:\n${faults.map((f) => `  - ${f}`).join('\n')}`);
  return values as Settings<R, O>;
}
