import { SessionId } from '@spinbay/contracts';

/** Between the tabs of one browser: a session that somebody changed. */
const name = 'spinbay.session-changed';

export function tellOtherTabs(sessionId: SessionId): void {
  const channel = new BroadcastChannel(name);
  channel.postMessage(sessionId);
  channel.close();
}

/** Calls back when another tab changed something of the session, or this window is looked at again. */
export function watchForChanges(sessionId: SessionId, changed: () => void): () => void {
  const channel = new BroadcastChannel(name);
  channel.addEventListener('message', ({ data }) => {
    const told = SessionId.safeParse(data);
    if (told.success && told.data === sessionId) changed();
  });
  // Of two windows side by side both are visible: changing over to the other one is no change of visibility.
  window.addEventListener('focus', changed);
  return () => {
    channel.close();
    window.removeEventListener('focus', changed);
  };
}
