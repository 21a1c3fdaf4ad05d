import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const script = fileURLToPath(new URL('images.mjs', import.meta.url));

function images(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return spawnSync(process.execPath, [script, ...args], { encoding: 'utf8', env: { PATH: '/nonexistent', ...env } });
}

test('without a container engine, the command says which ones it tried and what to do', () => {
  const { status, stderr } = images(['build']);
  expect(status).toBe(1);
  expect(stderr).toContain('docker: not installed');
  expect(stderr).toContain('podman: not installed');
  expect(stderr).toMatch(/Install one, start it, or name its command in SPINBAY_CONTAINER_ENGINE\./);
});

test('an engine that does not answer is reported with its error message', () => {
  const failing = images(['test'], { SPINBAY_CONTAINER_ENGINE: process.execPath });
  expect(failing.status).toBe(1);
  expect(failing.stderr).not.toContain('not installed');
  expect(failing.stderr).toContain(`${process.execPath}: `);
});

test('an unknown image is refused with the names of all images', () => {
  const { status, stderr } = images(['build', 'database']);
  expect(status).toBe(2);
  expect(stderr).toMatch(/^Usage: .*api\|worker/);
});
