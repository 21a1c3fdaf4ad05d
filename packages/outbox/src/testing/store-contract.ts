import { type Row, rowVersion, type SettingsRow } from '../core/rows.ts';
import { type Change, type OutboxStore, StorageFull } from '../ports.ts';

export interface StoreFixture<Bytes> {
  /** Opens the same storage again, as after a start of the app. */
  open(): Promise<OutboxStore<Bytes>>;
  makeBytes(text: string): Promise<Bytes> | Bytes;
  textOf(bytes: Bytes): Promise<string>;
  /** Makes the next write of bytes fail for lack of room. Left out where the test cannot fill the storage. */
  fillUp?(): void;
}

interface ContractCase {
  readonly title: string;
  run<Bytes>(fixture: StoreFixture<Bytes>): Promise<void>;
}

/** What every store of the outbox guarantees. Independent of a test runner, because some stores are tested in a browser. */
export const storeContract: readonly ContractCase[] = [
  {
    title: 'rows and bytes are there after the store was opened again',
    async run(fixture) {
      const store = await fixture.open();
      const photo = await fixture.makeBytes('photo');
      await store.change('a', () => ({ row: row('a'), put: { 'a/original': photo } }));
      const later = await fixture.open();
      equal(await later.rows(), [row('a')]);
      equal(await later.row('a'), row('a'));
      equal(await textAt(fixture, later, 'a/original'), 'photo');
    },
  },
  {
    title: 'a row or bytes that were never written are undefined',
    async run(fixture) {
      const store = await fixture.open();
      equal(await store.rows(), []);
      equal(await store.row('a'), undefined);
      equal(await store.bytes('a/original'), undefined);
    },
  },
  {
    title: 'a change sees the row before it, and can keep, replace or delete it',
    async run(fixture) {
      const store = await fixture.open();
      const seen: unknown[] = [];
      const change = (result: Change<never>) =>
        store.change('a', (before) => {
          seen.push(before);
          return result;
        });
      await change({ row: row('a') });
      await change({});
      await change({ row: row('a', true) });
      await change({ row: null });
      equal(seen, [undefined, row('a'), row('a'), row('a', true)]);
      equal(await store.row('a'), undefined);
    },
  },
  {
    title: 'dropped bytes are gone, and the others stay',
    async run(fixture) {
      const store = await fixture.open();
      const put = { 'a/original': await fixture.makeBytes('large'), 'a/preview': await fixture.makeBytes('small') };
      await store.change('a', () => ({ row: row('a'), put }));
      await store.change('a', () => ({ drop: ['a/original'] }));
      const later = await fixture.open();
      equal(await later.bytes('a/original'), undefined);
      equal(await textAt(fixture, later, 'a/preview'), 'small');
    },
  },
  {
    title: 'a decision that throws changes nothing and reaches the caller',
    async run(fixture) {
      const store = await fixture.open();
      await store.change('a', () => ({ row: row('a') }));
      const fault = new Error('no');
      const outcome = await store
        .change('a', () => {
          throw fault;
        })
        .catch((error: unknown) => error);
      equal(outcome === fault, true);
      equal(await store.rows(), [row('a')]);
      await store.change('b', () => ({ row: row('b') }));
      equal((await store.rows()).length, 2);
    },
  },
  {
    title: 'changes of one row that are made at the same time all count',
    async run(fixture) {
      const store = await fixture.open();
      let seen = 0;
      const count = () =>
        store.change('a', (before) => {
          if (before !== undefined) seen++;
          return { row: row('a') };
        });
      await Promise.all(Array.from({ length: 10 }, count));
      equal(seen, 9);
    },
  },
  {
    title: 'a session of the first version is read with the names of the current one',
    async run(fixture) {
      const store = await fixture.open();
      const first = { v: 1, kind: 'session', id: 'a', seq: 1, status: 'completed', told: 'active', stuck: null };
      await store.change('a', () => ({ row: first as unknown as Row }));
      const { told, ...kept } = first;
      const upgraded = { ...kept, v: rowVersion, server_status: told, org_id: null };
      equal(await store.row('a'), upgraded);
      equal(await (await fixture.open()).rows(), [upgraded]);
    },
  },
  {
    title: 'a row of a later version is left alone',
    async run(fixture) {
      const store = await fixture.open();
      const later = { ...row('a'), v: 99 } as Row;
      await store.change('a', () => ({ row: later }));
      equal(await store.row('a'), undefined);
      equal(await (await fixture.open()).rows(), []);
    },
  },
  {
    title: 'without free space, nothing new is stored, and what was stored stays',
    async run(fixture) {
      if (fixture.fillUp === undefined) return;
      const store = await fixture.open();
      await store.change('a', () => ({ row: row('a') }));
      const photo = await fixture.makeBytes('photo');
      fixture.fillUp();
      const outcome = await store
        .change('b', () => ({ row: row('b'), put: { 'b/original': photo } }))
        .catch((error: unknown) => error);
      equal(outcome instanceof StorageFull, true);
      equal(await store.rows(), [row('a')]);
      equal(await store.bytes('b/original'), undefined);
    },
  },
];

function row(id: string, keep = false): Row {
  const settings: SettingsRow = {
    kind: 'settings',
    v: rowVersion,
    id: 'settings',
    keep_originals: keep,
    originals_on_metered: true,
  };
  return { ...settings, id } as unknown as Row;
}

async function textAt<Bytes>(fixture: StoreFixture<Bytes>, store: OutboxStore<Bytes>, key: string) {
  const bytes = await store.bytes(key);
  return bytes === undefined ? undefined : fixture.textOf(bytes);
}

/** Ignores the order of keys, which a store may change. */
function equal(found: unknown, expected: unknown): void {
  const text = (value: unknown) =>
    JSON.stringify(value, (_, inner) =>
      typeof inner === 'object' && inner !== null && !Array.isArray(inner)
        ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => a.localeCompare(b)))
        : inner,
    );
  if (text(found) !== text(expected)) throw new Error(`found ${text(found)} instead of ${text(expected)}`);
}
