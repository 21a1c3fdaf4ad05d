import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Row } from '@spinbay/outbox';
import { type StoreFixture, storeContract } from '../../../../packages/outbox/src/testing/store-contract.ts';
import { Mutex, prepareDatabase } from '../storage/database';
import type { NativePhoto } from '../storage/photo-folder';
import { openNodeDatabase } from '../testing/node-database';
import { openNodeFolder } from '../testing/node-folder';
import { SqliteStore } from './sqlite-store';

let disk: string;
let databases: { close(): void; fillUp(): void }[];
let photos: number;

beforeEach(() => {
  disk = mkdtempSync(join(tmpdir(), 'spinbay-native-'));
  databases = [];
  photos = 0;
});
afterEach(() => {
  for (const database of databases) database.close();
  rmSync(disk, { recursive: true, force: true });
});

const folder = () => openNodeFolder(join(disk, 'photos'));

async function open(): Promise<SqliteStore> {
  for (const database of databases.splice(0)) database.close();
  const database = openNodeDatabase(join(disk, 'spinbay.db'));
  databases.push(database);
  await prepareDatabase(database);
  return SqliteStore.open(database, new Mutex(), folder());
}

/** Like the camera, writes the file into the folder before the outbox gets the photo. */
function makeBytes(text: string): NativePhoto {
  const name = `${photos++}-${'x'.repeat(100)}.jpg`;
  writeFileSync(join(disk, 'photos', name), text);
  return folder().read(name) as NativePhoto;
}

const textOf = async ({ uri }: NativePhoto) => readFileSync(uri.replace('file://', ''), 'utf8');
const row = { kind: 'settings', v: 1, id: 'a' } as unknown as Row;

test.each(storeContract)('the store of a phone: $title', async ({ run }) => {
  const fixture: StoreFixture<NativePhoto> = {
    open,
    makeBytes,
    textOf,
    fillUp: () => databases[0]?.fillUp(),
  };
  await run(fixture);
});

test('a file without a row is deleted at the next start, and the others stay', async () => {
  const store = await open();
  const kept = makeBytes('kept');
  await store.change('a', () => ({ row, put: { 'a/original': kept } }));
  makeBytes('left by a crash');
  await open();
  expect(folder().list()).toEqual([kept.uri.split('/').at(-1)]);
});

test('the file of a dropped photo is deleted', async () => {
  const store = await open();
  await store.change('a', () => ({ row, put: { 'a/original': makeBytes('photo') } }));
  await store.change('a', () => ({ drop: ['a/original'] }));
  expect(folder().list()).toEqual([]);
});

test('a photo whose file was truncated or deleted counts as missing', async () => {
  const store = await open();
  const cut = makeBytes('a whole photo');
  const gone = makeBytes('another');
  await store.change('a', () => ({ row, put: { 'a/original': cut, 'a/preview': gone } }));
  truncateSync(cut.uri.replace('file://', ''), 3);
  rmSync(gone.uri.replace('file://', ''));
  expect(await store.bytes('a/original')).toBeUndefined();
  expect(await store.bytes('a/preview')).toBeUndefined();
});

test('photos are found after the system has moved the folder of the app', async () => {
  const store = await open();
  await store.change('a', () => ({ row, put: { 'a/original': makeBytes('photo') } }));
  const [database] = databases;
  if (database === undefined) throw new Error('no database');
  const moved = mkdtempSync(join(tmpdir(), 'spinbay-moved-'));
  const [name = ''] = folder().list();
  writeFileSync(join(moved, name), 'photo');
  const later = await SqliteStore.open(database as never, new Mutex(), openNodeFolder(moved));
  expect((await later.bytes('a/original'))?.uri).toBe(`file://${moved}/${name}`);
  rmSync(moved, { recursive: true });
});

test('the store reports the free space of the phone, and that the system deletes no photos', async () => {
  const store = await open();
  await store.change('a', () => ({ row, put: { 'a/original': makeBytes('photo') } }));
  expect(await store.space()).toEqual({ persisted: true, used: 5, available: 1e9 });
});
