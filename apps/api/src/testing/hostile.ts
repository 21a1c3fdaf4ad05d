import fc from 'fast-check';
import type { Json } from './sample-json.ts';

/** Hostile values as data, so that a failing request can be shrunk. */

const words = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\ud800',
  'a\udc00',
  '\ufeff',
  '\u202etxt.exe',
  '🚗',
  '\n\r',
  '%00',
  '%zz',
  '../../etc/passwd',
  "'; drop table images; --",
  '{"$ne":null}',
  'NaN',
  'Infinity',
  '-0',
  '1e999',
  '0x10',
  '٣',
  '9007199254740993',
  '9223372036854775808',
  'null',
  'undefined',
  'true',
  '__proto__',
  'constructor',
  'toString',
  '0000-01-01T00:00:00Z',
  '9999-12-31T23:59:59-23:59',
  '+275760-09-13T00:00:00Z',
  '2026-02-31T00:00:00Z',
  '2026-05-04T24:00:00Z',
  '00000000-0000-0000-0000-000000000000',
  'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF',
  ' 019a0000-0000-7000-8000-000000000000',
];

const numbers = [
  0,
  -0,
  -1,
  0.1,
  1.5,
  359.9999999,
  360,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  2 ** 63,
  1e21,
  1e308,
  -1e308,
  5e-324,
];

const text = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...words) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 80 }) },
  { weight: 1, arbitrary: fc.nat(4).map((k) => 'x'.repeat(10 ** k)) },
  { weight: 1, arbitrary: fc.constantFrom('é'.repeat(255), '\u0000'.repeat(300), 'a'.repeat(300_000)) },
);

const deep = fc.constantFrom(3, 60, 2_000, 20_000).map((depth) => ({ deep: depth }));

const structure: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json[]>(
    null,
    true,
    false,
    [],
    {},
    [[]],
    { id: null },
    [null],
    { length: 1e9 },
    { toString: 'x' },
    Object.fromEntries([['then', 1]]),
  ),
  fc
    .constantFrom('__proto__', 'constructor', 'prototype')
    .map((key) => JSON.parse(`{"${key}":{"role":"admin"}}`) as Json),
  fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>,
  deep,
  fc.nat(3).map((k) => Array.from({ length: 10 ** k }, () => 1)),
);

/** `{ deep: n }` stands for n nested lists, because JSON.stringify cannot create that depth. */
const hostileJson: fc.Arbitrary<Json> = fc.oneof(
  { weight: 3, arbitrary: text },
  { weight: 1, arbitrary: fc.constantFrom(...numbers) },
  { weight: 1, arbitrary: fc.double() as fc.Arbitrary<Json> },
  { weight: 2, arbitrary: structure },
);

export type Mutation =
  | { readonly kind: 'set'; readonly at: number; readonly value: Json }
  | { readonly kind: 'drop'; readonly at: number }
  | { readonly kind: 'add'; readonly at: number; readonly key: string; readonly value: Json };

export const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('set' as const), at: fc.nat(40), value: hostileJson }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('drop' as const), at: fc.nat(40) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('add' as const), at: fc.nat(40), key: text, value: hostileJson }),
  },
);

const latin = fc.string({
  unit: fc
    .integer({ min: 0x20, max: 0xff })
    .filter((c) => c !== 0x7f)
    .map((c) => String.fromCharCode(c)),
  maxLength: 60,
});

export const header: fc.Arbitrary<readonly [name: string, value: string]> = fc.oneof(
  fc.tuple(
    fc.constant('if-none-match'),
    fc.oneof(fc.constantFrom('*', '""', 'W/"1"', '"1", "2"', '"', ','.repeat(4_000), '"'.repeat(4_000)), latin),
  ),
  fc.tuple(
    fc.constant('content-type'),
    fc.oneof(
      fc.constantFrom(
        'application/json; charset=utf-16',
        'application/json;',
        'application/json;;;=',
        'APPLICATION/JSON',
        'application/jsonx',
        'application/problem+json',
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
        'text/plain',
        '*/*',
        ';',
        '',
      ),
      latin,
    ),
  ),
  fc.tuple(
    fc.constant('authorization'),
    fc.oneof(
      fc.constantFrom('', 'Bearer', 'Bearer ', 'Bearer a.b.c', 'Basic YTpi', `Bearer ${'x'.repeat(20_000)}`),
      latin,
    ),
  ),
  fc.tuple(
    fc.constantFrom(
      'accept',
      'accept-encoding',
      'accept-language',
      'content-encoding',
      'cookie',
      'expect',
      'forwarded',
      'if-match',
      'if-modified-since',
      'origin',
      'range',
      'te',
      'user-agent',
      'via',
      'x-forwarded-for',
      'x-forwarded-host',
      'x-forwarded-proto',
      'x-http-method-override',
      'x-request-id',
    ),
    fc.oneof(
      latin,
      fc.constantFrom('', 'gzip', '127.0.0.1', '::1, 1', 'https://evil.example', 'DELETE', 'x'.repeat(8_000)),
    ),
  ),
);

/** Changes to the bytes of a body. */
export type Damage =
  | { readonly kind: 'none' | 'empty' | 'bom' | 'not utf-8' | 'twice' | 'too large' | 'padded' | 'every key twice' }
  | { readonly kind: 'cut'; readonly at: number };

export const damage: fc.Arbitrary<Damage> = fc.oneof(
  { weight: 12, arbitrary: fc.constant<Damage>({ kind: 'none' }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom<Damage[]>(
      { kind: 'empty' },
      { kind: 'bom' },
      { kind: 'not utf-8' },
      { kind: 'twice' },
      { kind: 'every key twice' },
    ),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cut' as const), at: fc.nat(300) }) },
  { weight: 1, arbitrary: fc.constantFrom<Damage[]>({ kind: 'too large' }, { kind: 'padded' }) },
);
