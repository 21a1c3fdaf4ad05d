import type { Outbox } from '@spinbay/outbox';

/** Resolves when nothing more can be sent without the operator or a network, or after `ms` milliseconds. */
export function whenSent(outbox: Pick<Outbox, 'state' | 'subscribe'>, ms: number): Promise<void> {
  const isSent = () => {
    const { items, online, signedOut } = outbox.state();
    return !online || signedOut || items.every(({ upload }) => upload.state === 'stuck');
  };
  return new Promise((resolve) => {
    if (isSent()) return resolve();
    const end = () => {
      clearTimeout(timer);
      stopListening();
      resolve();
    };
    const timer = setTimeout(end, ms);
    const stopListening = outbox.subscribe(() => {
      if (isSent()) end();
    });
  });
}
