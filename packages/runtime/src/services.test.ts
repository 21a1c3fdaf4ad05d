import { expect, test } from 'vitest';
import { environmentOf, readServiceSettings, type ServiceName, services } from './services.ts';
import { SettingsError, settings } from './settings.ts';

const everything = {
  ...Object.fromEntries(Object.keys(settings).map((name) => [name, `value of ${name}`])),
  PATH: '/usr/bin',
  HOME: '/home/x',
  AWS_SESSION_TOKEN: 'token',
  GITHUB_TOKEN: 'unrelated',
  npm_config_registry: 'x',
};

test.each(Object.keys(services) as ServiceName[])('%s gets only its own settings', (name) => {
  const { required, optional, callsAws } = services[name];
  const aws = callsAws ? ['AWS_ACCESS_KEY_ID', 'AWS_REGION', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'] : [];
  const expected = new Set([...required, ...optional, ...aws, 'PATH', 'HOME']);
  expect(Object.keys(environmentOf(name, everything)).sort()).toEqual([...expected].sort());
});

test('hides the product database and AWS keys from the portal, the sign-in provider and the object store', () => {
  const secrets = ['DATABASE_URL', 'AWS_SECRET_ACCESS_KEY', 'SPINBAY_SIGNING_KEYS', 'METRICS_TOKEN', 'REDIS_URL'];
  for (const name of ['portal', 'oidc', 'cloud'] as const) {
    const seen = Object.keys(environmentOf(name, everything));
    expect(seen.filter((key) => secrets.includes(key))).toEqual([]);
  }
});

test('names all missing settings of a process at once', () => {
  const read = () => readServiceSettings('api', {});
  expect(read).toThrow(SettingsError);
  for (const name of ['SPINBAY_API_URL', 'DATABASE_URL', 'SPINBAY_SIGNING_KEYS', 'OIDC_ISSUER'])
    expect(read).toThrow(name);
});
