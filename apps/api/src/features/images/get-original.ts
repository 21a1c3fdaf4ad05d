import { extname } from 'node:path';
import { fail, type Routes, slotKey } from '@spinbay/contracts';
import { getImage } from '@spinbay/core';
import { readUrlsExpireAt } from '@spinbay/objects';
import type { Handler } from '../../bind/handler.ts';

export const getOriginal: Handler<Routes['getOriginal']> = async ({ params, org }, { objects }) => {
  const row = await org.read((tx) => getImage(tx, params.image_id));
  if (row === undefined) return fail('image_not_found');
  const { original_key: key, original_state: state } = row;
  if (key === null || (state !== 'processed' && state !== 'rejected')) {
    return fail('image_not_found', 'Its photo has not arrived or is still being processed.');
  }
  const time = { now: new Date(), group: row.session_id };
  const url = await objects.presignOriginal(key, time, `${slotKey(row)}${extname(key)}`);
  return { status: 200, body: { url, expires_at: readUrlsExpireAt(time).toISOString() } };
};
