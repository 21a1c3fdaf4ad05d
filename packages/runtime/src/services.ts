import type { QcThresholds } from '@spinbay/contracts';
import { readSettings, type SettingName } from './settings.ts';

interface ServiceSettings {
  /** Settings that must be set or have a default. */
  readonly required: readonly SettingName[];
  readonly optional: readonly SettingName[];
  /** Whether the process calls S3 or SQS and needs the SDK's credentials from the environment. */
  readonly callsAws: boolean;
}

/** The quality control settings of each process that judges images or explains a verdict. */
export const qualityControl = [
  'QC_PROFILE',
  'QC_SHARPNESS_FAIL',
  'QC_SHARPNESS_WARN',
  'QC_SHARPNESS_1000_FAIL',
  'QC_SHARPNESS_1000_WARN',
  'QC_EDGE_WIDTH_WARN',
  'QC_EDGE_WIDTH_FAIL',
  'QC_CLIP_FRACTION',
  'QC_SIZE_FAIL',
  'QC_SIZE_WARN',
] as const satisfies readonly SettingName[];

type QualitySettings = ReturnType<typeof readSettings<(typeof qualityControl)[number]>>;

export function qcThresholdsOf(settings: QualitySettings): QcThresholds {
  return {
    profile: settings.QC_PROFILE,
    sharpness_fail: settings.QC_SHARPNESS_FAIL,
    sharpness_warn: settings.QC_SHARPNESS_WARN,
    sharpness_1000_fail: settings.QC_SHARPNESS_1000_FAIL,
    sharpness_1000_warn: settings.QC_SHARPNESS_1000_WARN,
    edge_width_warn: settings.QC_EDGE_WIDTH_WARN,
    edge_width_fail: settings.QC_EDGE_WIDTH_FAIL,
    clip_fraction: settings.QC_CLIP_FRACTION,
    size_fail: settings.QC_SIZE_FAIL,
    size_warn: settings.QC_SIZE_WARN,
  };
}

/** The settings of each process that calls the object store. */
export const objectStore = {
  required: ['S3_BUCKET', 'AWS_REGION', 'S3_TAGS'],
  optional: ['S3_ENDPOINT', 'S3_REGION', 'S3_ACCESS_KEY_ID', 'S3_SECRET_ACCESS_KEY'],
} as const satisfies Pick<ServiceSettings, 'required' | 'optional'>;

type ObjectStoreSettings = ReturnType<
  typeof readSettings<(typeof objectStore.required)[number], (typeof objectStore.optional)[number]>
> &
  ReturnType<typeof readSettings<never, 'S3_PUBLIC_ENDPOINT'>>;

/** The options of `createObjects`. */
export function objectsOptionsOf(settings: ObjectStoreSettings) {
  const { S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey } = settings;
  return {
    endpoint: settings.S3_ENDPOINT,
    publicEndpoint: settings.S3_PUBLIC_ENDPOINT,
    region: settings.S3_REGION ?? settings.AWS_REGION,
    bucket: settings.S3_BUCKET,
    credentials:
      accessKeyId === undefined || secretAccessKey === undefined ? undefined : { accessKeyId, secretAccessKey },
    tags: settings.S3_TAGS === 'on',
  };
}

type ObjectsOrigin = ReturnType<
  typeof readSettings<'S3_BUCKET' | 'AWS_REGION', 'S3_ENDPOINT' | 'S3_PUBLIC_ENDPOINT' | 'S3_REGION'>
>;

/** The origin from which browsers load the photos, which a content security policy has to allow. */
export function objectsOriginOf(settings: ObjectsOrigin): string {
  const endpoint = settings.S3_PUBLIC_ENDPOINT ?? settings.S3_ENDPOINT;
  const region = settings.S3_REGION ?? settings.AWS_REGION;
  return new URL(endpoint ?? `https://${settings.S3_BUCKET}.s3.${region}.amazonaws.com`).origin;
}

const imageWork = [
  'DATABASE_URL',
  'DATABASE_POOL_SIZE',
  ...objectStore.required,
  ...qualityControl,
  'LOG_LEVEL',
] as const satisfies readonly SettingName[];

const traces = [
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_EXPORTER_OTLP_HEADERS',
  'OTEL_RESOURCE_ATTRIBUTES',
] as const satisfies readonly SettingName[];

const deletionWork = ['WORKER_DELETIONS', 'ORPHAN_REMOVAL'] as const satisfies readonly SettingName[];

/** The settings of each process. A process gets no others. */
export const services = {
  api: {
    required: [
      'SPINBAY_HOST',
      'SPINBAY_API_PORT',
      'SPINBAY_API_URL',
      'SPINBAY_PORTAL_URL',
      'SPINBAY_SIGNING_KEYS',
      'DATABASE_URL',
      'DATABASE_POOL_SIZE',
      ...objectStore.required,
      'OIDC_ISSUER',
      'OIDC_CLIENT_ID',
      'OIDC_TRUSTED_EMAIL_DOMAINS',
      'LOG_LEVEL',
      'SPINBAY_TRUSTED_PROXIES',
      'ORG_CONCURRENCY',
      'CALLER_CONCURRENCY',
      'REFUSALS_PER_MINUTE',
      'UPLOAD_HINTS',
      'ERASE_UNDO_MINUTES',
      ...qualityControl,
    ],
    optional: [
      'DATABASE_SECRET',
      ...objectStore.optional,
      'S3_PUBLIC_ENDPOINT',
      'SQS_ENDPOINT',
      'SQS_QUEUE_URL',
      'METRICS_TOKEN',
      'REDIS_URL',
      'SPINBAY_CAPTURE_URL',
      ...traces,
    ],
    callsAws: true,
  },
  worker: {
    required: [...imageWork, 'SQS_QUEUE_URL', 'SPINBAY_HOST', 'EVENT_RETENTION_DAYS', ...deletionWork],
    optional: [
      'DATABASE_SECRET',
      ...objectStore.optional,
      'SQS_ENDPOINT',
      'WORKER_CONCURRENCY',
      'SPINBAY_WORKER_PORT',
      'METRICS_TOKEN',
      'ECS_AGENT_URI',
      ...traces,
    ],
    callsAws: true,
  },
  workerFunction: {
    required: [...imageWork, 'SQS_QUEUE_URL', 'EVENT_RETENTION_DAYS', ...deletionWork],
    optional: ['DATABASE_SECRET', ...objectStore.optional, 'SQS_ENDPOINT', 'WORKER_CONCURRENCY', ...traces],
    callsAws: true,
  },
  eraser: {
    required: [
      'DATABASE_URL',
      'DATABASE_POOL_SIZE',
      ...objectStore.required,
      'SPINBAY_HOST',
      'ORPHAN_REMOVAL',
      'LOG_LEVEL',
    ],
    optional: ['DATABASE_SECRET', ...objectStore.optional, 'SPINBAY_WORKER_PORT', 'METRICS_TOKEN'],
    callsAws: true,
  },
  portal: {
    required: [
      'SPINBAY_HOST',
      'SPINBAY_PORTAL_PORT',
      'SPINBAY_API_URL',
      'OIDC_ISSUER',
      'OIDC_CLIENT_ID',
      'S3_BUCKET',
      'AWS_REGION',
      ...qualityControl,
      'LOG_LEVEL',
    ],
    optional: ['S3_ENDPOINT', 'S3_PUBLIC_ENDPOINT', 'S3_REGION', 'SPINBAY_PORTAL_URL', 'OIDC_ENDPOINT_ORIGIN'],
    callsAws: false,
  },
  capture: {
    required: [
      'SPINBAY_HOST',
      'SPINBAY_CAPTURE_PORT',
      'SPINBAY_API_URL',
      'S3_BUCKET',
      'AWS_REGION',
      ...qualityControl,
      'LOG_LEVEL',
    ],
    optional: ['S3_ENDPOINT', 'S3_PUBLIC_ENDPOINT', 'S3_REGION', 'SPINBAY_CAPTURE_URL', 'SPINBAY_CAPTURE_ORG_ID'],
    callsAws: false,
  },
  oidc: {
    required: [
      'SPINBAY_HOST',
      'SPINBAY_OIDC_PORT',
      'SPINBAY_DATA_DIR',
      'SPINBAY_PORTAL_URL',
      'SPINBAY_TRUSTED_PROXIES',
      'OIDC_CLIENT_ID',
      'LOG_LEVEL',
    ],
    optional: ['OIDC_ISSUER'],
    callsAws: false,
  },
  gateway: {
    required: [
      'SPINBAY_DATA_DIR',
      'SPINBAY_PUBLIC_URL',
      'SPINBAY_LAN_ADDRESS',
      'SPINBAY_LAN_PORT',
      'SPINBAY_API_PORT',
      'SPINBAY_PORTAL_PORT',
      'SPINBAY_CAPTURE_PORT',
      'S3_BUCKET',
      'LOG_LEVEL',
    ],
    // Unset if the object store or the sign-in provider is an external one, which the gateway does not serve.
    optional: ['SPINBAY_CLOUD_PORT', 'SPINBAY_OIDC_PORT'],
    callsAws: false,
  },
  cloud: {
    required: [
      'SPINBAY_DATA_DIR',
      'SPINBAY_HOST',
      'SPINBAY_CLOUD_PORT',
      'SPINBAY_CLOUD_DATABASE_URL',
      'SPINBAY_CLOUD_ACCESS_KEYS',
      'WORKER_DELETIONS',
      'AWS_REGION',
      'LOG_LEVEL',
    ],
    optional: [],
    callsAws: false,
  },
} as const satisfies Record<string, ServiceSettings>;

export type ServiceName = keyof typeof services;
type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the settings of a process. @throws SettingsError that names all faults */
export function readServiceSettings<N extends ServiceName>(name: N, environment: Environment) {
  type Required = (typeof services)[N]['required'][number];
  type Optional = (typeof services)[N]['optional'][number];
  const { required, optional } = services[name];
  return readSettings<Required, Optional>(environment, required, optional);
}

/** Environment variables that any Node.js process may need and that do not belong to an installation. */
const machineVariables =
  /^(PATH|HOME|USER|LOGNAME|TMPDIR|TEMP|TMP|LANG|LC_\w+|TZ|NODE_OPTIONS|NODE_EXTRA_CA_CERTS|SSL_CERT_(FILE|DIR)|(HTTPS?|NO)_PROXY|(https?|no)_proxy|MALLOC_\w+|SYSTEMROOT|SystemRoot|WINDIR|windir|PATHEXT|APPDATA|LOCALAPPDATA|USERPROFILE|COMSPEC|ComSpec)$/;

/** Returns the variables of an environment that a process needs: its settings, its credentials and those of the machine. */
export function environmentOf(name: ServiceName, environment: Environment): Record<string, string> {
  const { required, optional, callsAws } = services[name];
  const own = new Set<string>([...required, ...optional]);
  const needed = (key: string) => own.has(key) || machineVariables.test(key) || (callsAws && key.startsWith('AWS_'));
  return Object.fromEntries(
    Object.entries(environment).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && needed(entry[0]),
    ),
  );
}
