import type { LocalEvent, Outbox } from '@spinbay/outbox';

/** Adds an event to the outbox. If the device cannot store it, the event is dropped: photos are more important. */
export async function recordEvent(outbox: Pick<Outbox, 'addEvent'>, event: LocalEvent): Promise<void> {
  await outbox.addEvent(event).catch(() => undefined);
}
