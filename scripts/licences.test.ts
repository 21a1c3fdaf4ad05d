import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { faultsOf, runtimePackages } from './licences.mjs';

const lock = JSON.parse(readFileSync(fileURLToPath(new URL('../package-lock.json', import.meta.url)), 'utf8'));
const known = runtimePackages(lock.packages);
const faultsWith = (licence: string | undefined, name = 'some-package') =>
  faultsOf([...known, { name, version: '1.2.3', licence }]);

test('every package that an installation runs has a compatible licence or a named exception', () => {
  expect(known.length).toBeGreaterThan(100);
  expect(faultsOf(known)).toEqual([]);
});

test('a choice of licences is compatible if one of them is, and a combination only if all are', () => {
  expect(faultsWith('(GPL-3.0-only OR MIT)')).toEqual([]);
  expect(faultsWith('MIT AND ISC')).toEqual([]);
  expect(faultsWith('MIT AND GPL-3.0-only')).toEqual(['some-package 1.2.3 has the licence MIT AND GPL-3.0-only']);
});

test.each(['GPL-2.0-only', 'AGPL-3.0-only', 'LGPL-3.0', 'MPL-2.0', 'UNLICENSED', 'SEE LICENSE IN terms.txt', ''])(
  'a package with the licence "%s" is refused',
  (licence) => {
    expect(faultsWith(licence)).toEqual([`some-package 1.2.3 has the licence ${licence}`]);
  },
);

test('a package without a licence is refused', () => {
  expect(faultsWith(undefined)).toEqual(['some-package 1.2.3 names no licence']);
});

test('an exception applies only to its licence', () => {
  expect(faultsWith('LGPL-3.0', 'libheif-js')).toEqual([]);
  expect(faultsWith('GPL-3.0-only', 'libheif-js')).toEqual(['libheif-js 1.2.3 has the licence GPL-3.0-only']);
});

test('an exception that no package needs is reported', () => {
  const without = known.filter(({ name }) => name !== 'libheif-js');
  expect(faultsOf(without)).toEqual([expect.stringContaining('libheif-js')]);
});

test('packages for tests and checks are left out', () => {
  const entries = { 'node_modules/a': { version: '1.0.0', license: 'GPL-3.0-only', dev: true } };
  expect(runtimePackages(entries)).toEqual([]);
});
