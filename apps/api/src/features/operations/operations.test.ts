import { openApiDocument, routes } from '@spinbay/contracts';
import { chromiumOptions } from '@spinbay/runtime/testing';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../../testing.ts';

const metricsToken = 'a token for the metrics';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({ metricsToken });
});
afterAll(() => api?.stop());

const get = (path: string, headers: Record<string, string> = {}) => fetch(api.url + path, { headers });

test('/healthz says that the process answers, and /readyz that its database does', async () => {
  expect(await (await get('/healthz')).json()).toEqual({ status: 'ok' });
  const ready = await get('/readyz');
  expect([ready.status, await ready.json()]).toEqual([200, { status: 'ok', checks: { database: 'ok' } }]);
});

test('/.well-known/jwks.json has the keys that verify tokens, but not those that create them', async () => {
  const reply = await get('/.well-known/jwks.json');
  expect(reply.headers.get('content-type')).toMatch(/^application\/jwk-set\+json/);
  expect(reply.headers.get('cache-control')).toBe('public, max-age=300');
  const etag = reply.headers.get('etag') ?? '';
  const again = await get('/.well-known/jwks.json', { 'if-none-match': etag });
  expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', etag]);
  expect(again.headers.get('cache-control')).toBe('public, max-age=300');
  const { keys } = (await reply.json()) as { keys: object[] };
  for (const key of keys) expect(Object.keys(key).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
  const device = await api.device(await api.makeOrg());
  const keySet = createRemoteJWKSet(new URL(`${api.url}/.well-known/jwks.json`));
  const { payload } = await jwtVerify(device.token, keySet, { audience: 'spinbay' });
  expect(payload.device_id).toBe(device.deviceId);
});

test('/openapi.json is the document of the contracts', async () => {
  const document = openApiDocument(routes, { version: '0.0.0-test', serverUrl: 'https://api.spinbay.test' });
  expect(await (await get('/openapi.json')).json()).toEqual(document);
});

describe('/metrics', () => {
  const forwarded = { 'x-forwarded-for': '203.0.113.7' };
  test('counts requests by route', async () => {
    await get('/sessions');
    await get('/sessions/1c5f9e9e-0000-7000-8000-000000000000');
    const text = await (await get('/metrics')).text();
    expect(text).toContain('spinbay_http_request_seconds_count{method="GET",route="/sessions",status="401"} 1');
    expect(text).toContain(
      'spinbay_http_request_seconds_count{method="GET",route="/sessions/:session_id",status="401"} 1',
    );
    expect(text).toContain('process_cpu_seconds_total');
  });

  test('are available to this machine and with the token', async () => {
    expect((await get('/metrics')).status).toBe(200);
    expect((await get('/metrics', forwarded)).status).toBe(404);
    expect((await get('/metrics', { forwarded: 'for=203.0.113.7' })).status).toBe(404);
    expect((await get('/metrics', { ...forwarded, authorization: `Bearer ${metricsToken}` })).status).toBe(200);
    expect((await get('/metrics', { ...forwarded, authorization: `Bearer ${metricsToken}x` })).status).toBe(404);
    expect(await (await get('/metrics', forwarded)).json()).toMatchObject({ code: 'route_not_found' });
  });

  test('are available only to this machine if no token is set', async () => {
    const { url, close } = await api.another();
    const status = async (headers: Record<string, string>) => (await fetch(`${url}/metrics`, { headers })).status;
    expect(await status({})).toBe(200);
    expect(await status({ ...forwarded, authorization: 'Bearer undefined' })).toBe(404);
    expect(await status({ ...forwarded, authorization: 'Bearer ' })).toBe(404);
    await close();
  });
});

describe('/docs', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch(chromiumOptions);
  });
  afterAll(() => browser?.close());

  test('shows every operation in a browser, with a policy that allows only its own scripts', async () => {
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('requestfailed', (request) => errors.push(request.url()));
    await page.goto(`${api.url}/docs`);
    await page.getByText('/sessions/{session_id}').first().waitFor();
    expect(await page.locator('.opblock').count()).toBe(Object.keys(routes).length);
    await page.locator('#operations-presign-presignImage').click();
    await page.getByText('slot_not_in_shot_list').first().waitFor();
    expect(errors).toEqual([]);
    await page.close();
  });
});
