import { SessionId } from '@spinbay/contracts';

/** The channel on which the tabs of a browser report changed sessions. */
const name = 'spinbay.session-changed';

export function notifyOtherTabs(sessionId: SessionId): void {
  const channel = new BroadcastChannel(name);
  channel.postMessage(sessionId);
  channel.close();
}

/** Calls back when another tab has changed the session, or when this window gets the focus again. */
export function watchForChanges(sessionId: SessionId, changed: () => void): () => void {
  const channel = new BroadcastChannel(name);
  channel.addEventListener('message', ({ data }) => {
    const parsed = SessionId.safeParse(data);
    if (parsed.success && parsed.data === sessionId) changed();
  });
  // Two windows side by side are both visible, so switching between them does not change visibility.
  window.addEventListener('focus', changed);
  return () => {
    channel.close();
    window.removeEventListener('focus', changed);
  };
}
