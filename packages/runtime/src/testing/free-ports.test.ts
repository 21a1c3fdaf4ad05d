import { expect, test } from 'vitest';
import { freePort, freePorts } from './free-ports.ts';

test('a port is allocated once, also if nothing listens on it', async () => {
  const ports = [...(await freePorts(100)), ...(await freePorts(100)), await freePort()];
  expect(new Set(ports).size).toBe(201);
});
