import { afterEach, expect, test, vi } from 'vitest';

const { argv } = process;
afterEach(() => {
  process.argv = argv;
  process.exitCode = undefined;
  vi.restoreAllMocks();
  vi.resetModules();
});

/** Runs the command. @returns its exit status and what it wrote to stderr */
async function spinbay(...args: string[]) {
  let stderr = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += String(text);
    return true;
  });
  process.argv = [...argv.slice(0, 2), ...args];
  await import('./main.ts');
  return { status: process.exitCode, stderr };
}

test.each(['destroy', 'constructor', 'toString'])('the unknown command %s is refused with the help', async (name) => {
  const { status, stderr } = await spinbay(name);
  expect(status).toBe(1);
  expect(stderr).toMatch(new RegExp(`^\\nUnknown command "${name}"\\.\\n\\nSpinbay: `));
});
