import { isFailure, type Routes } from '@spinbay/contracts';
import * as core from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';
import { imageReply } from './image-reply.ts';

export const unpublishSession: Handler<Routes['unpublishSession']> = async (
  { params, principal, org },
  { objects },
) => {
  const outcome = await org.transact((tx) => core.unpublishSession(tx, params.session_id, principal.id));
  if (isFailure(outcome)) return outcome;
  const { unpublished, stillPublished } = outcome;
  const now = new Date();
  return {
    status: 200,
    body: {
      unpublished: unpublished.map((image) => image.id),
      still_published: stillPublished,
      items: await Promise.all(unpublished.map((image) => imageReply(image, objects, now))),
    },
  };
};
