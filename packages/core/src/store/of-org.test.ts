import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

test('statements name their organization only through of-org.ts, so that tests can replace it', () => {
  const folder = new URL('..', import.meta.url);
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (file) => /\.ts$/.test(file) && !/\.test\.ts$|testing|of-org\.ts$/.test(file),
  );
  expect(sources.length).toBeGreaterThan(20);
  const found = sources.flatMap((file) =>
    readFileSync(new URL(file, folder), 'utf8')
      .split('\n')
      .filter((line) => !/^\s*(\/?\*|\/\/)/.test(line))
      .filter((line) => /org_id['"\s]*(=|,\s*'(=|in)')|'=',\s*(\w+\.)?org(Id)?\)/i.test(line))
      .map((line) => `${file}: ${line.trim()}`),
  );
  expect(found, 'use tx.ofOrg(alias), or tx.isOrg(column)').toEqual([]);
});
