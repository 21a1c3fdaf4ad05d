import { defaultQcThresholds } from '@spinbay/contracts';
import { expect, it } from 'vitest';
import { ConfigError, parseConfig } from './load-config.ts';

const config = {
  api_url: 'http://127.0.0.1:4000/',
  oidc_issuer: 'https://id.example/realm',
  oidc_client_id: 'spinbay-portal',
  qc: defaultQcThresholds,
};

it('reads the settings, without a slash at the end of an address', () => {
  expect(parseConfig(config)).toEqual({ ...config, api_url: 'http://127.0.0.1:4000' });
});

it('names what is wrong', () => {
  expect(() => parseConfig({ ...config, api_url: 'javascript:alert(1)' })).toThrow(/api_url/);
  expect(() => parseConfig({ ...config, oidc_client_id: '' })).toThrow(/oidc_client_id/);
  expect(() => parseConfig({})).toThrow(/api_url.*oidc_issuer.*oidc_client_id.*qc/);
  for (const json of [null, 'text', []]) expect(() => parseConfig(json)).toThrow(ConfigError);
});
