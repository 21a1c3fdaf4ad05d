import { isFailure, type Routes } from '@spinbay/contracts';
import { publishImage as release } from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';
import { imageReply } from './image-reply.ts';

export const publishImage: Handler<Routes['publishImage']> = async ({ params, principal, org }, { objects }) => {
  const outcome = await org.transact((tx) => release(tx, params.image_id, principal.id));
  if (isFailure(outcome)) return outcome;
  return { status: 200, body: await imageReply(outcome.image, objects, new Date()) };
};
