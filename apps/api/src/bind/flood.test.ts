import { floodConnections } from '@spinbay/runtime/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../testing.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api?.stop());

test('during floods of idle connections and of incomplete and slow requests, the API answers every address and closes the flood', async () => {
  const port = Number(new URL(api.url).port);
  expect(await floodConnections({ port, path: '/readyz', perAddress: 500, count: 1_000 })).toEqual([]);
}, 60_000);
