import { createHash } from 'node:crypto';
import { fail, type Routes } from '@spinbay/contracts';
import { peekImagesVersion, listImages as readImages } from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';
import { imageReply } from './image-reply.ts';

export const listImages: Handler<Routes['listImages']> = async ({ query, ifNoneMatch, org }, { objects }) => {
  const now = new Date();
  // The URLs are part of the reply: when their window rolls over, the browser needs the new ones.
  const window = await objects.urlWindow({ now, group: query.session_id });
  const session = await peekImagesVersion(org, query.session_id);
  if (session === undefined) return fail('session_not_found');
  const view = [query.session_id, session.images_version, window, query.limit, query.offset, query.superseded];
  const etag = `"${createHash('sha256').update(view.join('|')).digest('base64url').slice(0, 22)}"`;
  const headers = { etag, 'cache-control': 'private, no-cache' };
  if (matches(ifNoneMatch, etag)) return { status: 304, body: null, headers };
  const { items: rows, total } = await org.read((tx) =>
    readImages(tx, { id: query.session_id, mode: session.mode }, query),
  );
  const items = await Promise.all(rows.map((row) => imageReply(row, objects, now)));
  return { status: 200, body: { items, total }, headers };
};

function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  return (ifNoneMatch ?? '').split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
}
