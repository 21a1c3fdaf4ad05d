import { nativeConfig } from './native-config';

test('the configuration contains the API and the site of the build', () => {
  const site_id = '0b5b7a6e-7c3e-4c7b-9a59-0b2f6e0b4c11';
  const config = nativeConfig({ environment: 'dev', apiUrl: 'https://api.example.com', siteId: site_id });
  expect(config).toMatchObject({ api_url: 'https://api.example.com', org_id: null, site_id });
});

test('a build without settings does not start', () => {
  expect(() => nativeConfig(undefined)).toThrow();
});
