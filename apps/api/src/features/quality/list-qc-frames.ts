import type { Routes } from '@spinbay/contracts';
import * as core from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';

export const listQcFrames: Handler<Routes['listQcFrames']> = async ({ query, org }, { objects }) => {
  const now = new Date();
  const rows = await org.read((tx) => core.listQcFrames(tx, query.limit));
  const items = await Promise.all(
    rows.map(async ({ id, thumb_keys, processed_at, ...row }) => {
      const [thumb_url = null] =
        thumb_keys === null ? [] : await objects.presignGets([thumb_keys[150]], { now, group: row.session_id });
      return { ...row, image_id: id, thumb_url, processed_at: processed_at.toISOString() };
    }),
  );
  return { status: 200, body: { items } };
};
