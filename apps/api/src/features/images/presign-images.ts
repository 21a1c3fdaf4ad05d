import { errorTable, type Failure, type frameErrors, isFailure, type Routes } from '@spinbay/contracts';
import { reserveImages } from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';
import { signUpload, uploadExpiry, wantedFrame } from './sign-upload.ts';

export const presignImages: Handler<Routes['presignImages']> = async ({ body, principal, org }, deps) => {
  const { session_id: sessionId, frames } = body;
  const wanted = frames.map(wantedFrame);
  const asked = wanted.flatMap((frame) => (isFailure(frame) ? [] : [frame]));
  const now = new Date();
  const outcomes = await reserveImages(org, sessionId, asked, uploadExpiry(now));
  if (isFailure(outcomes)) return outcomes;
  const next = outcomes.values();
  const items = frames.map((frame, k) => {
    const refused = wanted[k];
    const reserved = isFailure(refused) ? refused : next.next().value;
    if (reserved === undefined) throw new Error('a frame without an outcome');
    if (isFailure(reserved)) return refusedFrame(reserved);
    return signUpload(deps, { frame, reserved, sessionId, principal, now });
  });
  return { status: 200, body: { items: await Promise.all(items) } };
};

function refusedFrame({ failure, detail }: Failure<(typeof frameErrors)[number]>) {
  return { error: { code: failure, title: errorTable[failure].title, detail } };
}
