import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startTestApi, type TestApi } from '../../../api/src/testing.ts';
import { connectAsDevice } from '../ingest/device-client.ts';
import { openIngestState } from '../ingest/ingest-state.ts';
import { runWatch, type WatchView } from './run-watch.ts';

/** Pauses the watch while it adds a photo to the outbox. */
const { adding, release } = vi.hoisted(() => {
  const makeGate = () => {
    let open: () => void = () => undefined;
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    return { open: () => open(), opened };
  };
  return { adding: makeGate(), release: makeGate() };
});
vi.mock(import('../ingest/send-photos.ts'), async (load) => {
  const original = await load();
  return {
    ...original,
    addPhoto: async (...args) => {
      adding.open();
      await release.opened;
      return original.addPhoto(...args);
    },
  };
});

let api: TestApi;
let parent: string;
beforeAll(async () => {
  api = await startTestApi();
  parent = await mkdtemp(join(tmpdir(), 'spinbay-run-watch-'));
});
afterAll(async () => {
  await api?.stop();
  await rm(parent, { recursive: true, force: true });
});

test('undo also applies to a photo that is still being added', async () => {
  const org = await api.makeOrg();
  const folder = join(parent, 'photos');
  await mkdir(folder);
  const state = openIngestState(join(parent, 'state'), api.url, org.orgId);
  const client = await connectAsDevice(api.url, org.orgId, state, '1.0.0');
  async function* commands() {
    await writeFile(join(folder, 'IMG_1.JPG'), Buffer.from('ffd8ffe000ffd9', 'hex'));
    await adding.opened;
    setImmediate(release.open);
    yield 'undo' as const;
    yield 'stop' as const;
  }
  let last: WatchView | undefined;
  await runWatch({
    ...{ folder, stock: 'UNDO', mode: 'studio360', client, state, withPreviews: false, sessionId: undefined },
    commands: commands(),
    onChange: (view) => {
      last = view;
    },
  });
  expect(last).toMatchObject({ open: 24, rows: [{ file: 'IMG_1.JPG', state: expect.stringMatching(/^was undone/) }] });
});
