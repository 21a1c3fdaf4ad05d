import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

test('an unknown name prints the benchmarks, each of which the documentation describes', () => {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/bench.mjs', 'unknown'], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(status).toBe(1);
  const names = /The benchmarks are (.*)\.$/m.exec(stderr)?.[1]?.split(', ') ?? [];
  expect(names).toContain('promise');
  const page = readFileSync(`${root}docs/performance.md`, 'utf8');
  expect(names.filter((name) => !page.includes(`npm run bench -- ${name}`))).toEqual([]);
});
