import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type SettingName, settings } from './settings.ts';

const groups: [title: string, names: SettingName[]][] = [
  [
    'One machine: the settings of `npm start`. None is required.',
    [
      'SPINBAY_DATA_DIR',
      'SPINBAY_HOST',
      'SPINBAY_API_PORT',
      'SPINBAY_PORTAL_PORT',
      'SPINBAY_CAPTURE_PORT',
      'SPINBAY_CLOUD_PORT',
      'SPINBAY_OIDC_PORT',
      'SPINBAY_PG_PORT',
      'SPINBAY_DEMO',
    ],
  ],
  [
    'Database',
    [
      'DATABASE_URL',
      'DATABASE_SECRET',
      'DATABASE_APP_SECRET',
      'DATABASE_POOL_SIZE',
      'ORG_CONCURRENCY',
      'CALLER_CONCURRENCY',
      'SPINBAY_CLOUD_DATABASE_URL',
      'SPINBAY_CLOUD_ACCESS_KEYS',
    ],
  ],
  [
    'Photos and queue',
    [
      'S3_ENDPOINT',
      'S3_PUBLIC_ENDPOINT',
      'S3_BUCKET',
      'S3_REGION',
      'S3_ACCESS_KEY_ID',
      'S3_SECRET_ACCESS_KEY',
      'S3_TAGS',
      'SQS_ENDPOINT',
      'SQS_QUEUE_URL',
      'UPLOAD_HINTS',
      'ERASE_UNDO_MINUTES',
      'AWS_REGION',
      'AWS_ACCESS_KEY_ID',
      'AWS_SECRET_ACCESS_KEY',
    ],
  ],
  [
    'Signing in',
    ['OIDC_ISSUER', 'OIDC_CLIENT_ID', 'OIDC_ENDPOINT_ORIGIN', 'OIDC_TRUSTED_EMAIL_DOMAINS', 'SPINBAY_SIGNING_KEYS'],
  ],
  ['Public addresses', ['SPINBAY_API_URL', 'SPINBAY_PORTAL_URL', 'SPINBAY_CAPTURE_URL', 'SPINBAY_CAPTURE_ORG_ID']],
  ['One HTTPS address for everything', ['SPINBAY_PUBLIC_URL', 'SPINBAY_LAN_PORT', 'SPINBAY_LAN_ADDRESS']],
  [
    'Quality control',
    [
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
    ],
  ],
  [
    'Operation',
    [
      'LOG_LEVEL',
      'EVENT_RETENTION_DAYS',
      'ORPHAN_REMOVAL',
      'WORKER_DELETIONS',
      'WORKER_CONCURRENCY',
      'SPINBAY_WORKER_PORT',
      'METRICS_TOKEN',
      'ECS_AGENT_URI',
      'REDIS_URL',
      'SPINBAY_TRUSTED_PROXIES',
      'REFUSALS_PER_MINUTE',
    ],
  ],
  ['Traces', ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_RESOURCE_ATTRIBUTES']],
];

function render(): string {
  const head = [
    '# Every setting of Spinbay, with its default and meaning. Each process reads them from the environment once, at its',
    '# start. An empty value counts as not set.',
  ];
  const parts = groups.map(([title, names]) => [`# ---- ${title} ----`, ...names.map(entry)].join('\n\n'));
  return `${[head.join('\n'), ...parts].join('\n\n')}\n`;
}

function entry(name: SettingName): string {
  const fallback = settings[name].type.safeParse(undefined);
  return `${wrap(settings[name].about)}\n#${name}=${fallback.success ? fallback.data : ''}`;
}

function wrap(text: string): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? '';
    if (last.length + word.length > 115) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines.map((line) => `# ${line}`).join('\n');
}

test('lists every setting in one group', () => {
  expect(groups.flatMap(([, names]) => names).sort()).toEqual(Object.keys(settings).sort());
});

test('.env.example has every setting with its default and meaning (run this test with `-u` to update it)', async () => {
  await expect(render()).toMatchFileSnapshot(fileURLToPath(new URL('../../../.env.example', import.meta.url)));
});
