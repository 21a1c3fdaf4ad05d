import { isFailure, type Routes } from '@spinbay/contracts';
import { reserveImage } from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';
import { signUpload, uploadExpiry, wantedFrame } from './sign-upload.ts';

export const presignImage: Handler<Routes['presignImage']> = async ({ body, principal, org }, deps) => {
  const { session_id: sessionId, ...frame } = body;
  const wanted = wantedFrame(frame);
  if (isFailure(wanted)) return wanted;
  const now = new Date();
  const reserved = await reserveImage(org, { ...wanted, sessionId, expiresAt: uploadExpiry(now) });
  if (isFailure(reserved)) return reserved;
  return { status: 200, body: await signUpload(deps, { frame, reserved, sessionId, principal, now }) };
};
