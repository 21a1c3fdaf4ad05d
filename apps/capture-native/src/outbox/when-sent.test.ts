import type { OutboxState, UploadState } from '@spinbay/outbox';
import { whenSent } from './when-sent';

function outboxWith(...uploads: UploadState[]) {
  const listeners = new Set<() => void>();
  let state = {
    online: true,
    signedOut: false,
    items: uploads.map((upload) => ({ upload })),
  } as unknown as OutboxState;
  return {
    state: () => state,
    subscribe(listener: () => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    change(change: Partial<OutboxState>) {
      state = { ...state, ...change };
      for (const listener of listeners) listener();
    },
    listeners,
  };
}

test('the background task ends when everything is sent or stuck', async () => {
  const outbox = outboxWith({ state: 'waiting' }, { state: 'stuck', reason: 'refused' });
  const done = whenSent(outbox, 60_000);
  outbox.change({ items: [{ id: 'b', kind: 'photo', upload: { state: 'stuck', reason: 'refused' } }] });
  await done;
  expect(outbox.listeners.size).toBe(0);
});

test('the background task ends without a network, after a sign-out, and when its time is over', async () => {
  const offline = outboxWith({ state: 'waiting' });
  offline.change({ online: false });
  await whenSent(offline, 60_000);
  const signedOut = outboxWith({ state: 'waiting' });
  signedOut.change({ signedOut: true });
  await whenSent(signedOut, 60_000);
  await whenSent(outboxWith({ state: 'waiting' }), 1);
});
