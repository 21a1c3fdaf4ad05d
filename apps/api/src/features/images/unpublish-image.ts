import { isFailure, type Routes } from '@spinbay/contracts';
import * as core from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';
import { imageReply } from './image-reply.ts';

export const unpublishImage: Handler<Routes['unpublishImage']> = async ({ params, principal, org }, { objects }) => {
  const outcome = await org.transact((tx) => core.unpublishImage(tx, params.image_id, principal.id));
  if (isFailure(outcome)) return outcome;
  return { status: 200, body: await imageReply(outcome.image, objects, new Date()) };
};
