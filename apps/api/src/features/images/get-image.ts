import { fail, type Routes } from '@spinbay/contracts';
import * as core from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';
import { imageReply } from './image-reply.ts';

export const getImage: Handler<Routes['getImage']> = async ({ params, org }, { objects }) => {
  const row = await org.read((tx) => core.getImage(tx, params.image_id));
  if (row === undefined) return fail('image_not_found');
  return { status: 200, body: await imageReply(row, objects, new Date()) };
};
