import type { UploadKind } from '@spinbay/contracts';
import { photosBySession, type Step } from '../core/plan.ts';
import { bytesKey, fileOf, type PhotoRow } from '../core/rows.ts';
import type { OutboxPorts } from '../ports.ts';
import type { Ledger } from './ledger.ts';
import type { Retries } from './retries.ts';
import { confirmPhotos, type StepContext } from './steps.ts';

const slowestPoll = 15_000;
/** A file that was sent but not confirmed is sent again after this many milliseconds. The interval doubles each time. */
const resendAfter = 120_000;
const maxResend = 3_600_000;

interface Poll {
  readonly etag: string | undefined;
  readonly delay: number;
}

/** Polls the server for sent photos, less often while nothing changes, and resends files that never arrived. */
export class Confirmations<Bytes> {
  readonly #ports: OutboxPorts<Bytes>;
  readonly #ledger: Ledger<Bytes>;
  readonly #retries: Retries;
  readonly #polls = new Map<string, Poll>();
  readonly #resendAt = new Map<string, number>();
  /** Photos whose original the server has found in the object store. */
  readonly #stored = new Set<string>();

  constructor(ports: OutboxPorts<Bytes>, ledger: Ledger<Bytes>, retries: Retries) {
    this.#ports = ports;
    this.#ledger = ledger;
    this.#retries = retries;
  }

  /**
   * Call after sending a photo of the session. Polls sooner, because a change is likely. The last list may already have
   * contained the photo, so the next poll reads the list again even if it has not changed.
   */
  expectSoon(id: string): void {
    this.#polls.set(id, this.#unread());
    this.#retries.scheduleAt({ kind: 'confirm', id }, this.#ports.clock.elapsed() + this.#firstPoll);
  }

  /** Call when a person retries. A photo that is no longer stuck needs the list again, even if the list has not changed. */
  readAgain(): void {
    this.#polls.clear();
  }

  async poll(context: StepContext<Bytes>, step: Step & { kind: 'confirm' }): Promise<void> {
    const poll = this.#polls.get(step.id) ?? this.#unread();
    this.#polls.set(step.id, poll);
    const reply = await confirmPhotos(context, step.id, poll.etag);
    for (const id of reply.stored) this.#stored.add(id);
    const delay = reply.changed ? this.#firstPoll : Math.min(slowestPoll, poll.delay * 1.5);
    // This poll did not look for a photo that was sent while it ran.
    const next = this.#polls.get(step.id) === poll ? { etag: reply.etag, delay } : this.#unread();
    this.#polls.set(step.id, next);
    const now = this.#ports.clock.elapsed();
    this.#retries.scheduleAt(step, now + next.delay);
    await this.#resend(step.id, now);
  }

  async #resend(session: string, now: number): Promise<void> {
    for (const photo of photosBySession(this.#ledger.rows.values()).get(session) ?? []) {
      const file = awaitedFile(photo);
      if (file === null || this.#stored.has(photo.id)) continue;
      const key = bytesKey(photo.id, file);
      const due = this.#resendAt.get(key);
      if (due === undefined) {
        // If the preview is visible, the original is less urgent.
        const first = photo.visible ? 5 * resendAfter : resendAfter;
        const sends = fileOf(photo, file)?.sends ?? 1;
        this.#resendAt.set(key, now + Math.min(maxResend, first * 2 ** (sends - 1)));
      } else if (due <= now) {
        this.#resendAt.delete(key);
        await this.#ledger.changePhoto(photo.id, { type: 'lost', file });
      }
    }
  }

  #unread(): Poll {
    return { etag: undefined, delay: this.#firstPoll };
  }

  get #firstPoll(): number {
    return this.#ports.tuning?.firstPoll ?? 1_000;
  }
}

/** The file of the photo that was sent and awaits confirmation. */
function awaitedFile(photo: PhotoRow): UploadKind | null {
  if (photo.original.progress.state === 'sent') return 'original';
  return photo.preview?.progress.state === 'sent' && !photo.visible ? 'preview' : null;
}
