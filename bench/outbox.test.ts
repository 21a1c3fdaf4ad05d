import { expect, test, vi } from 'vitest';

test.each([
  [['--only', 'memroy'], '--only is one of both, simulation, memory, not memroy'],
  [['--only'], '--only needs a value'],
])('%j is refused before anything runs', async (options, message) => {
  vi.spyOn(process, 'argv', 'get').mockReturnValue([process.execPath, 'bench/outbox.ts', ...options]);
  vi.resetModules();
  await expect(import('./outbox.ts')).rejects.toThrow(message);
  vi.restoreAllMocks();
});
