import { lookUp } from '@spinbay/contracts';
import type { Cause, LocalSession, StuckReason, UploadState } from '@spinbay/outbox';
import type { Texts } from '../../texts/en.ts';

type Stuck = NonNullable<LocalSession['stuck']>;

/** The state of a photo in the queue. */
export function uploadWords(upload: UploadState, serverAnswers: boolean, texts: Texts): string {
  const { states } = texts.queue;
  switch (upload.state) {
    case 'waiting':
      // If the server does not answer, the screen says so once, above the photos.
      if (upload.problem !== undefined && serverAnswers)
        return `${states.waiting}: ${causeWords(upload.problem, upload.cause, texts)}`;
      return upload.held === 'metered' ? states.metered : states.waiting;
    case 'sending':
      return states.sending(Math.round((100 * upload.sent_bytes) / Math.max(1, upload.total_bytes)));
    case 'uploaded':
      return states.uploaded;
    case 'processed':
      return upload.verdict === 'failed' ? states.failed : states.processed;
    case 'stuck':
      return stuckWords(upload, texts);
  }
}

export function stuckWords({ reason }: Stuck, texts: Texts): string {
  return lookUp<string>(texts.queue.stuck, reason, reason);
}

/** For these reasons, `stuckWords` says everything. */
const explained: readonly StuckReason[] = [
  'missing_bytes',
  'duplicate',
  'digest_differs',
  'update_needed',
  'other_org',
];

/** What `stuckWords` leaves open; undefined if there is nothing to add. */
export function stuckDetail({ reason, detail, cause }: Stuck, texts: Texts): string | undefined {
  return detail === undefined || explained.includes(reason) ? undefined : causeWords(detail, cause, texts);
}

/** @param message in English. Shown if this version of the app has no text for the cause */
function causeWords(message: string, cause: Cause | undefined, texts: Texts): string {
  return lookUp<string>(texts.queue.causes, cause ?? '', texts.queue.reason(message));
}
