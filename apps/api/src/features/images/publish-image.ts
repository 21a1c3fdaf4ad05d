import { isFailure, type Routes } from '@spinbay/contracts';
import * as core from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';
import { imageReply } from './image-reply.ts';

export const publishImage: Handler<Routes['publishImage']> = async ({ params, body, principal, org }, { objects }) => {
  const by = { userId: principal.id, override: body.override, preview: body.preview };
  const outcome = await org.transact((tx) => core.publishImage(tx, params.image_id, by));
  if (isFailure(outcome)) return outcome;
  return { status: 200, body: await imageReply(outcome.image, objects, new Date()) };
};
