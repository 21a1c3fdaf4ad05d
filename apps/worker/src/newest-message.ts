import type { ConsumeOptions } from './consume.ts';

/** The sending time of the newest message that this process received. Messages sent long before were delivered or lost. */
export interface NewestMessage {
  sentAt(): Date | null;
  /** Wraps work so that its messages are recorded. */
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
