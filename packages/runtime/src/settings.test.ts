import { describe, expect, test } from 'vitest';
import { readSettings, SettingsError, settings } from './settings.ts';

function faultsOf(read: () => unknown): string[] {
  try {
    read();
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return error.message.split('\n').slice(1);
  }
  return [];
}

test('returns set values, defaults for others and undefined for optional ones', () => {
  const environment = { SPINBAY_API_PORT: '4001', OIDC_ISSUER: 'https://id.example.com', UNRELATED: 'x' };
  expect(readSettings(environment, ['SPINBAY_API_PORT', 'SPINBAY_HOST', 'OIDC_ISSUER'], ['S3_ENDPOINT'])).toEqual({
    SPINBAY_API_PORT: 4001,
    SPINBAY_HOST: '127.0.0.1',
    OIDC_ISSUER: 'https://id.example.com',
  });
});

test('treats an empty value as not set', () => {
  const environment = { SPINBAY_API_PORT: '', S3_ENDPOINT: '', OIDC_ISSUER: '' };
  expect(readSettings(environment, ['SPINBAY_API_PORT'], ['S3_ENDPOINT'])).toEqual({ SPINBAY_API_PORT: 4000 });
  expect(faultsOf(() => readSettings(environment, ['OIDC_ISSUER']))).toEqual([
    expect.stringContaining('OIDC_ISSUER is not set.'),
  ]);
});

test('reports all faults at once, each with the meaning of the setting', () => {
  const environment = {
    SPINBAY_API_PORT: 'four thousand',
    DATABASE_URL: 'mysql://localhost/x',
    S3_ENDPOINT: 'localhost:4300',
    LOG_LEVEL: 'loud',
  };
  const faults = faultsOf(() =>
    readSettings(environment, ['SPINBAY_API_PORT', 'DATABASE_URL', 'OIDC_ISSUER', 'LOG_LEVEL'], ['S3_ENDPOINT']),
  );
  expect(faults.map((fault) => /^ {2}- (\w+) is (not set|malformed)/.exec(fault)?.slice(1))).toEqual([
    ['SPINBAY_API_PORT', 'malformed'],
    ['DATABASE_URL', 'malformed'],
    ['OIDC_ISSUER', 'not set'],
    ['LOG_LEVEL', 'malformed'],
    ['S3_ENDPOINT', 'malformed'],
  ]);
  for (const fault of faults) expect(fault).toMatch(/\. [A-Z].*\.$/);
});

test('reports one half of a pair of credentials, whichever is missing', () => {
  const pair = ['S3_ACCESS_KEY_ID', 'S3_SECRET_ACCESS_KEY'] as const;
  const [id, secret] = [{ S3_ACCESS_KEY_ID: 'x' }, { S3_SECRET_ACCESS_KEY: 'y' }];
  expect(faultsOf(() => readSettings(id, [], pair))).toEqual([
    expect.stringContaining('S3_ACCESS_KEY_ID is set, and S3_SECRET_ACCESS_KEY is not'),
  ]);
  expect(faultsOf(() => readSettings(secret, [], pair))).toEqual([
    expect.stringContaining('S3_SECRET_ACCESS_KEY is set, and S3_ACCESS_KEY_ID is not'),
  ]);
  expect(readSettings({ ...id, ...secret }, [], pair)).toEqual({ ...id, ...secret });
  expect(readSettings({}, [], pair)).toEqual({});
});

test('never includes a value in a message', () => {
  const faults = faultsOf(() => readSettings({ DATABASE_URL: 'secret-password@host' }, ['DATABASE_URL']));
  expect(faults.join()).not.toContain('secret-password');
});

describe('malformed', () => {
  test.each([
    ['SPINBAY_API_PORT', '0'],
    ['SPINBAY_API_PORT', '65536'],
    ['SPINBAY_API_PORT', '6000'],
    ['SPINBAY_API_PORT', '80.5'],
    ['SPINBAY_API_PORT', ' '],
    ['DATABASE_POOL_SIZE', '-1'],
    ['S3_BUCKET', 'My_Bucket'],
    ['S3_BUCKET', 'a'],
    ['SPINBAY_PORTAL_URL', 'ftp://example.com'],
    ['QC_CLIP_FRACTION', '5'],
    ['QC_SHARPNESS_FAIL', 'Infinity'],
    ['QC_PROFILE', 'v9'],
    ['REDIS_URL', 'localhost:6379'],
    ['SPINBAY_TRUSTED_PROXIES', 'balancer.example.com'],
    ['SPINBAY_TRUSTED_PROXIES', '10.0.0.0/33'],
    ['SPINBAY_TRUSTED_PROXIES', '0.0.0.0/0'],
    ['SPINBAY_TRUSTED_PROXIES', '10.0.0.0/8/8'],
    ['SPINBAY_TRUSTED_PROXIES', 'true'],
    ['OIDC_ENDPOINT_ORIGIN', 'https://id.example/oauth2/token'],
    ['OIDC_ENDPOINT_ORIGIN', 'id.example'],
    ['OIDC_TRUSTED_EMAIL_DOMAINS', '*'],
    ['OIDC_TRUSTED_EMAIL_DOMAINS', 'realcars.example, *.example'],
    ['OIDC_TRUSTED_EMAIL_DOMAINS', '@realcars.example'],
    ['OIDC_TRUSTED_EMAIL_DOMAINS', 'ada@realcars.example'],
    ['OIDC_TRUSTED_EMAIL_DOMAINS', 'example'],
  ] as const)('%s=%j', (name, value) => expect(() => readSettings({ [name]: value }, [name])).toThrow(SettingsError));
});

test('parses trusted proxies as comma-separated addresses and networks, none by default', () => {
  const of = (text: string) =>
    readSettings({ SPINBAY_TRUSTED_PROXIES: text }, ['SPINBAY_TRUSTED_PROXIES']).SPINBAY_TRUSTED_PROXIES;
  expect(of('')).toEqual([]);
  expect(of(' 10.0.0.0/8, 192.0.2.7 ,2001:db8::/32,')).toEqual(['10.0.0.0/8', '192.0.2.7', '2001:db8::/32']);
});

test.each([
  ['QC_SHARPNESS_FAIL', 'QC_SHARPNESS_WARN'],
  ['QC_SHARPNESS_1000_FAIL', 'QC_SHARPNESS_1000_WARN'],
] as const)('rejects %s above %s and names both, but accepts equal values', (low, high) => {
  const [fault, ...others] = faultsOf(() => readSettings({ [low]: '301', [high]: '300.5' }, [low, high]));
  expect(others).toEqual([]);
  expect(fault).toContain(`${low} (301) is larger than ${high} (300.5)`);
  expect(readSettings({ [low]: '300', [high]: '300' }, [low, high])).toEqual({ [low]: 300, [high]: 300 });
});

test('removes the trailing slash of addresses, but keeps that of the issuer', () => {
  const environment = { SPINBAY_API_URL: 'https://api.example.com/', OIDC_ISSUER: 'https://tenant.example.com/' };
  expect(readSettings(environment, ['SPINBAY_API_URL', 'OIDC_ISSUER'])).toEqual({
    SPINBAY_API_URL: 'https://api.example.com',
    OIDC_ISSUER: 'https://tenant.example.com/',
  });
});

test('reads domains without spaces and in lower case', () => {
  const domainsOf = (text?: string) =>
    readSettings({ OIDC_TRUSTED_EMAIL_DOMAINS: text }, ['OIDC_TRUSTED_EMAIL_DOMAINS']).OIDC_TRUSTED_EMAIL_DOMAINS;
  expect(domainsOf(' RealCars.example, xn--mller-kva.example ,')).toEqual([
    'realcars.example',
    'xn--mller-kva.example',
  ]);
  expect(domainsOf()).toEqual([]);
});

test('describes every setting in a sentence', () => {
  for (const { about } of Object.values(settings)) expect(about).toMatch(/^[A-Z].*\.$/);
});
