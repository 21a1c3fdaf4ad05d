import { readSettings } from './settings.js';

const production = {
  SPINBAY_NATIVE_ENV: 'production',
  SPINBAY_NATIVE_API_URL: 'https://api.example.com/',
  SPINBAY_NATIVE_ORG_ID: '0B5B7A6E-7C3E-4C7B-9A59-0B2F6E0B4C11',
  SPINBAY_NATIVE_SITE_ID: '',
};

test('a build without settings is a development build with the local API', () => {
  expect(readSettings({})).toEqual({
    environment: 'dev',
    apiUrl: 'http://localhost:4000',
    orgId: null,
    siteId: null,
    appId: 'org.spinbay.capture',
    version: null,
  });
});

test('the API, organization and site of a build come from environment variables', () => {
  expect(readSettings(production)).toMatchObject({
    environment: 'production',
    apiUrl: 'https://api.example.com',
    orgId: '0b5b7a6e-7c3e-4c7b-9a59-0b2f6e0b4c11',
    siteId: null,
  });
});

test.each(['staging', 'production'])('a build for %s without TLS, or without an API, is refused', (environment) => {
  const SPINBAY_NATIVE_ENV = environment;
  expect(() => readSettings({ SPINBAY_NATIVE_ENV, SPINBAY_NATIVE_API_URL: 'http://api.example.com' })).toThrow(
    `SPINBAY_NATIVE_API_URL must begin with https:// for ${environment}`,
  );
  expect(() => readSettings({ SPINBAY_NATIVE_ENV })).toThrow(`SPINBAY_NATIVE_API_URL is required for ${environment}`);
});

test('the error names every invalid value and says what is wrong with it', () => {
  const bad = {
    SPINBAY_NATIVE_ENV: 'prod',
    SPINBAY_NATIVE_API_URL: 'api.example.com',
    SPINBAY_NATIVE_ORG_ID: 'demo',
    SPINBAY_NATIVE_APP_ID: 'Spinbay',
    SPINBAY_NATIVE_VERSION: 'v1',
  };
  expect(() => readSettings(bad)).toThrow(/The settings of this build are invalid/);
  for (const text of [
    'SPINBAY_NATIVE_ENV must be one of dev, staging, production',
    'SPINBAY_NATIVE_API_URL is not an address like https://api.example.com',
    'SPINBAY_NATIVE_ORG_ID',
    'SPINBAY_NATIVE_APP_ID is not an identifier like com.example.capture',
    'SPINBAY_NATIVE_VERSION is not a version like 1.2.3',
  ])
    expect(() => readSettings(bad)).toThrow(text);
});
