import { photosBySession, type Step } from '../core/plan.ts';
import { bytesKey, type PartName, type PhotoRow, partOf } from '../core/rows.ts';
import type { OutboxPorts } from '../ports.ts';
import type { Ledger } from './ledger.ts';
import type { Retries } from './retries.ts';
import { confirmPhotos, type StepContext } from './steps.ts';

const slowestPoll = 15_000;
/** A photo that the store took and the server has not heard of is sent again after this, then after twice as long, in ms. */
const resendAfter = 120_000;
const longestResend = 3_600_000;

interface Poll {
  readonly etag: string | undefined;
  readonly delay: number;
}

/** Asks the server what became of photos, ever more slowly while nothing changes, and sends again what never arrived. */
export class Confirmations<Bytes> {
  readonly #ports: OutboxPorts<Bytes>;
  readonly #ledger: Ledger<Bytes>;
  readonly #retries: Retries;
  readonly #polls = new Map<string, Poll>();
  readonly #resendAt = new Map<string, number>();
  /** Photos whose bytes the server has found in its store. */
  readonly #stored = new Set<string>();

  constructor(ports: OutboxPorts<Bytes>, ledger: Ledger<Bytes>, retries: Retries) {
    this.#ports = ports;
    this.#ledger = ledger;
    this.#retries = retries;
  }

  /** A photo of the session was sent: news are soon to be expected. */
  expectSoon(id: string): void {
    const poll = this.#polls.get(id);
    if (poll !== undefined) this.#polls.set(id, { ...poll, delay: this.#firstPoll });
    this.#retries.notBeforeTime({ kind: 'confirm', id }, this.#ports.clock.elapsed() + this.#firstPoll);
  }

  async ask(context: StepContext<Bytes>, step: Step & { kind: 'confirm' }): Promise<void> {
    const poll = this.#polls.get(step.id) ?? { etag: undefined, delay: this.#firstPoll };
    const reply = await confirmPhotos(context, step.id, poll.etag);
    for (const id of reply.stored) this.#stored.add(id);
    const delay = reply.changed ? this.#firstPoll : Math.min(slowestPoll, poll.delay * 1.5);
    this.#polls.set(step.id, { etag: reply.etag, delay });
    const now = this.#ports.clock.elapsed();
    this.#retries.notBeforeTime(step, now + delay);
    await this.#resend(step.id, now);
  }

  async #resend(session: string, now: number): Promise<void> {
    for (const photo of photosBySession(this.#ledger.rows.values()).get(session) ?? []) {
      const part = awaitedPart(photo);
      if (part === null || this.#stored.has(photo.id)) continue;
      const key = bytesKey(photo.id, part);
      const due = this.#resendAt.get(key);
      if (due === undefined) {
        // Nobody waits for the original of a photo that can be seen.
        const first = photo.visible ? 5 * resendAfter : resendAfter;
        const sends = partOf(photo, part)?.sends ?? 1;
        this.#resendAt.set(key, now + Math.min(longestResend, first * 2 ** (sends - 1)));
      } else if (due <= now) {
        this.#resendAt.delete(key);
        await this.#ledger.changePhoto(photo.id, { type: 'lost', part });
      }
    }
  }

  get #firstPoll(): number {
    return this.#ports.tuning?.firstPoll ?? 1_000;
  }
}

/** The file that was sent, and of which the server is to say that it has it. */
function awaitedPart(photo: PhotoRow): PartName | null {
  if (photo.original.progress.state === 'sent') return 'original';
  return photo.preview?.progress.state === 'sent' && !photo.visible ? 'preview' : null;
}
