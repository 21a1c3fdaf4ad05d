import { createHash } from 'node:crypto';
import { fail, type Routes } from '@spinbay/contracts';
import { pollImagesVersion, listImages as readImages } from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';
import { imageReply } from './image-reply.ts';

export const listImages: Handler<Routes['listImages']> = async ({ query, ifNoneMatch, org }, { objects }) => {
  const now = new Date();
  const { session_id: sessionId, ...page } = query;
  // The URLs are part of the reply: when their window rolls over, the browser needs the new ones.
  const window = await objects.urlWindow({ now, group: sessionId });
  const version = await pollImagesVersion(org, sessionId);
  if (version === undefined) return fail('session_not_found');
  const etag = etagOf([sessionId, version, window, page.limit, page.offset, page.superseded]);
  if (ifNoneMatch !== undefined && matches(ifNoneMatch, etag)) return { status: 304, body: null, headers: { etag } };
  // The version was read first: a change in between is reported by the next poll.
  const { items, total } = await org.read((tx) => readImages(tx, sessionId, page));
  const body = { items: await Promise.all(items.map((row) => imageReply(row, objects, now))), total };
  return { status: 200, body, headers: { etag } };
};

function etagOf(view: readonly unknown[]): string {
  return `"${createHash('sha256').update(view.join('|')).digest('base64url').slice(0, 22)}"`;
}

function matches(ifNoneMatch: string, etag: string): boolean {
  return ifNoneMatch.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
}
