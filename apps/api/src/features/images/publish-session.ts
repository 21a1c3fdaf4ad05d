import { isFailure, type Routes } from '@spinbay/contracts';
import * as core from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';
import { imageReply } from './image-reply.ts';

export const publishSession: Handler<Routes['publishSession']> = async (
  { params, body, principal, org },
  { objects },
) => {
  const outcome = await org.transact((tx) =>
    core.publishSession(tx, params.session_id, { userId: principal.id, warned: body.warned }),
  );
  if (isFailure(outcome)) return outcome;
  const { published, alreadyPublished, left } = outcome;
  const now = new Date();
  return {
    status: 200,
    body: {
      published: published.map((image) => image.id),
      already_published: alreadyPublished,
      left: left.map(({ imageId, reason }) => ({ image_id: imageId, reason })),
      items: await Promise.all(published.map((image) => imageReply(image, objects, now))),
    },
  };
};
