import type { ConsumeOptions } from './consume.ts';

/** The sending time of the newest message that this process received: older messages were delivered, or are lost. */
export interface NewestMessage {
  sentAt(): Date | null;
  /** The same work, noticed. */
  watch(work: ConsumeOptions['work']): ConsumeOptions['work'];
}

export function createNewestMessage(): NewestMessage {
  let newest: Date | null = null;
  return {
    sentAt: () => newest,
    watch: (work) => (message, signal, log) => {
      if (newest === null || message.sentAt > newest) newest = message.sentAt;
      return work(message, signal, log);
    },
  };
}
