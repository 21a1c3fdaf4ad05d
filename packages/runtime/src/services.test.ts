import { expect, test } from 'vitest';
import { environmentOf, readServiceSettings, type ServiceName, services } from './services.ts';
import { SettingsError, settings } from './settings.ts';

const everything = {
  ...Object.fromEntries(Object.keys(settings).map((name) => [name, `value of ${name}`])),
  PATH: '/usr/bin',
  HOME: '/home/x',
  AWS_SESSION_TOKEN: 'token',
  GITHUB_TOKEN: 'of somebody else',
  npm_config_registry: 'x',
};

test.each(Object.keys(services) as ServiceName[])('%s gets its own settings and nothing else', (name) => {
  const { required, optional, callsAws } = services[name];
  const aws = callsAws ? ['AWS_ACCESS_KEY_ID', 'AWS_REGION', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'] : [];
  const expected = new Set([...required, ...optional, ...aws, 'PATH', 'HOME']);
  expect(Object.keys(environmentOf(name, everything)).sort()).toEqual([...expected].sort());
});

test('the portal, the sign-in and the object store never see the database of the product or keys of AWS', () => {
  const secrets = ['DATABASE_URL', 'AWS_SECRET_ACCESS_KEY', 'SPINBAY_SIGNING_KEYS', 'METRICS_TOKEN', 'REDIS_URL'];
  for (const name of ['portal', 'oidc', 'cloud'] as const) {
    const seen = Object.keys(environmentOf(name, everything));
    expect(seen.filter((key) => secrets.includes(key))).toEqual([]);
  }
});

test('what a process lacks is named all at once', () => {
  const read = () => readServiceSettings('api', {});
  expect(read).toThrow(SettingsError);
  for (const name of ['SPINBAY_API_URL', 'DATABASE_URL', 'SPINBAY_SIGNING_KEYS', 'OIDC_ISSUER'])
    expect(read).toThrow(name);
});
