import { type IngestResult, isDelivered } from '../ingest/ingest-folder.ts';

type Result = Pick<IngestResult, 'frames' | 'seconds'>;

/** Whether the sample spin of the first start is complete, and what the start says about it. */
export function sampleOutcome({ frames, seconds }: Result): { isDone: boolean; text: string } {
  const visible = frames.filter((frame) => isDelivered(frame) && frame.image?.thumb_urls != null).length;
  const counted = `${visible} of ${frames.length} frames visible`;
  if (visible < frames.length) return { isDone: false, text: `${counted}. The next start continues it` };
  const after = (seconds.visible - seconds.uploaded).toFixed(1);
  return { isDone: true, text: `${counted} ${after} s after the last upload` };
}
