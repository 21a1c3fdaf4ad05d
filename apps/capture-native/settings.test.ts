import { readSettings } from './settings.js';

const production = {
  SPINBAY_NATIVE_ENV: 'production',
  SPINBAY_NATIVE_API_URL: 'https://api.example.com/',
  SPINBAY_NATIVE_ORG_ID: '0B5B7A6E-7C3E-4C7B-9A59-0B2F6E0B4C11',
  SPINBAY_NATIVE_SITE_ID: '',
};

test('a build without settings is one for development, with the local API', () => {
  expect(readSettings({})).toEqual({
    environment: 'dev',
    apiUrl: 'http://localhost:4000',
    orgId: null,
    siteId: null,
    appId: 'org.spinbay.capture',
    version: null,
  });
});

test('API, organization and site of a build come from its environment', () => {
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
  expect(() => readSettings({ SPINBAY_NATIVE_ENV })).toThrow(`SPINBAY_NATIVE_API_URL is needed for ${environment}`);
});

test('every bad value is named, with what is wrong about it', () => {
  const bad = {
    SPINBAY_NATIVE_ENV: 'prod',
    SPINBAY_NATIVE_API_URL: 'api.example.com',
    SPINBAY_NATIVE_ORG_ID: 'demo',
    SPINBAY_NATIVE_APP_ID: 'Spinbay',
    SPINBAY_NATIVE_VERSION: 'v1',
  };
  expect(() => readSettings(bad)).toThrow(/The settings of this build are wrong/);
  for (const text of [
    'SPINBAY_NATIVE_ENV is none of dev, staging, production',
    'SPINBAY_NATIVE_API_URL is no address like https://api.example.com',
    'SPINBAY_NATIVE_ORG_ID',
    'SPINBAY_NATIVE_APP_ID is no identifier like com.example.capture',
    'SPINBAY_NATIVE_VERSION is no version like 1.2.3',
  ])
    expect(() => readSettings(bad)).toThrow(text);
});
