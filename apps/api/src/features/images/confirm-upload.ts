import { fail, isFailure, type Routes, s3Message } from '@spinbay/contracts';
import * as core from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';

/** Queues a message to replace a bucket event that was lost, or that the bucket does not send. */
export const confirmUpload: Handler<Routes['confirmUpload']> = async (
  { params: { image_id }, body: { kind }, org },
  { objects, queue, bucket },
) => {
  const upload = await org.transact((tx) => core.confirmUpload(tx, image_id, kind));
  if (isFailure(upload)) return upload;
  const reply = (queued: boolean) => ({ status: 200 as const, body: { image_id, kind, queued } });
  if (upload.kind === 'known') return reply(false);
  let sent = false;
  try {
    if (queue === null) return reply(false);
    const { storageKey: key } = upload;
    if ((await objects.head(key)) === null) return fail('upload_missing');
    await queue.send(s3Message({ bucket, key }));
    sent = true;
    return reply(true);
  } finally {
    // Otherwise the next confirmation would count as a repetition of this one, and the reconciler would wait for a message.
    if (!sent) await org.transact((tx) => core.retractConfirmation(tx, upload));
  }
};
