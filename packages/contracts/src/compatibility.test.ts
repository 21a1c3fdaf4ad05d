import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openApiDocument } from './openapi.ts';
import { routes } from './routes.ts';
import { breakingChanges, type Document } from './test-openapi-changes.ts';

const folder = new URL('../recorded/', import.meta.url);
const read = (name: string) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Document;
const today = openApiDocument(routes, { version: '0', serverUrl: 'https://api.test' }) as unknown as Document;
const recorded = read('openapi-0.1.0.json');

test.each(readdirSync(folder))('requests and replies of %s still work', (name) => {
  expect(breakingChanges(read(name), today)).toEqual([]);
});

describe('a change that breaks a recorded client is found', () => {
  /** The breaking changes that are found after one change of the recorded document, at a path of keys. */
  const changed = (keys: string[], change: (at: Record<string, unknown>) => void) => {
    const document = structuredClone(recorded);
    change(
      keys.reduce((at, key) => at[key] as Record<string, unknown>, document as unknown as Record<string, unknown>),
    );
    return breakingChanges(recorded, document);
  };
  const schema = (...keys: string[]) => ['components', 'schemas', ...keys];

  test('a route, a parameter or a field that was removed', () => {
    expect(changed(['paths'], (paths) => delete paths['/presign'])).toEqual(['POST /presign: was removed']);
    expect(changed(['paths', '/images', 'get'], (get) => delete get.parameters)).toContain(
      'GET /images: the parameter session_id was removed',
    );
    expect(changed(schema('PresignBody', 'properties'), (fields) => delete fields.angle_deg)).toEqual([
      'POST /presign body: angle_deg was removed',
    ]);
    expect(changed(schema('Session', 'properties'), (fields) => delete fields.cover).join()).toContain(
      ': cover was removed',
    );
  });

  test('a request that is narrower', () => {
    const body = schema('PresignBody');
    expect(changed(body, (type) => (type.required as string[]).push('captured_at'))).toEqual([
      'POST /presign body: captured_at is required',
    ]);
    expect(changed([...body, 'properties', 'file_name'], (type) => Object.assign(type, { maxLength: 10 }))).toEqual([
      'POST /presign body.file_name: maxLength decreased',
    ]);
    expect(changed(schema('SessionMode'), (type) => (type.enum as string[]).pop()).join()).toContain('is not accepted');
  });

  test('a reply of another type, or with fewer fields', () => {
    expect(
      changed(schema('Image', 'properties', 'storage_key'), (type) => Object.assign(type, { type: 'number' })).join(),
    ).toContain('storage_key: is number instead of string');
    expect(changed(schema('Image'), (type) => (type.required as string[]).shift()).join()).toContain('is now optional');
  });

  test('an addition is allowed', () => {
    expect(changed(schema('ImageStatus'), (type) => (type.enum as string[]).push('later'))).toEqual([]);
    expect(changed(schema('Image', 'properties'), (fields) => Object.assign(fields, { later: {} }))).toEqual([]);
    expect(changed(['paths'], (paths) => Object.assign(paths, { '/later': {} }))).toEqual([]);
  });
});
