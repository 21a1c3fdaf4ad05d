import type { LocalEvent, OutboxState } from '@spinbay/outbox';
import { expect, test } from 'vitest';
import { reportConnection } from './report-connection.ts';

function start({ enrolled = true, online = true, full = false } = {}) {
  const events: LocalEvent[] = [];
  let changed = () => {};
  const network = { online };
  const outbox = {
    addEvent: async (event: LocalEvent) => {
      if (full) throw new Error('no room');
      events.push(event);
    },
    state: () =>
      ({
        items: [
          { id: 'a', kind: 'photo' },
          { id: 'events', kind: 'events' },
        ],
      }) as unknown as OutboxState,
  };
  const auth = {
    state: () =>
      enrolled ? ({ status: 'enrolled', deviceId: 'd', orgId: 'o' } as const) : ({ status: 'none' } as const),
  };
  const platform = {
    isOnline: () => network.online,
    onNetwork: (listener: () => void) => {
      changed = listener;
      return () => {};
    },
  };
  const turn = (to: boolean) => {
    network.online = to;
    changed();
  };
  return { events, turn, done: reportConnection(outbox, auth, platform, '1.2.3') };
}

test('a start, the loss and the return of the network are events of the device, each change once', async () => {
  const { events, turn, done } = start();
  await done;
  for (const online of [false, false, true, true, false]) turn(online);
  expect(events.map(({ type }) => type)).toEqual(['app.started', 'app.offline', 'app.online', 'app.offline']);
  expect(events[0]).toMatchObject({
    entity_type: 'device',
    entity_id: 'd',
    meta: { app_version: '1.2.3', online: true, photos_waiting: 1 },
  });
});

test('a start without a network is reported as such', async () => {
  const { events, turn, done } = start({ online: false });
  await done;
  turn(true);
  expect(events.map(({ type, meta }) => [type, meta?.online])).toEqual([
    ['app.started', false],
    ['app.online', undefined],
  ]);
});

test('a device that was never enrolled reports nothing, and a full one drops the event', async () => {
  const never = start({ enrolled: false });
  await never.done;
  expect(never.events).toEqual([]);
  await expect(start({ full: true }).done).resolves.toBeUndefined();
});
