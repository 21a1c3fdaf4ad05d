import { createHash } from 'node:crypto';
import { fail, type Routes } from '@spinbay/contracts';
import { peekImagesVersion, listImages as readImages } from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';
import { imageReply } from './image-reply.ts';

export const listImages: Handler<Routes['listImages']> = async ({ query, ifNoneMatch, org }, { objects }) => {
  const now = new Date();
  const { session_id: sessionId, ...page } = query;
  // The URLs are part of the reply: when their window rolls over, the browser needs the new ones.
  const window = await objects.urlWindow({ now, group: sessionId });
  // Not stored by a browser, as no reply is: whoever polls keeps what the tag stands for, and a stored reply could be
  // given in place of an answer.
  const headersOf = (version: string) => ({
    etag: etagOf([sessionId, version, window, page.limit, page.offset, page.superseded]),
  });
  if (ifNoneMatch !== undefined) {
    const version = await peekImagesVersion(org, sessionId);
    if (version === undefined) return fail('session_not_found');
    const headers = headersOf(version);
    if (matches(ifNoneMatch, headers.etag)) return { status: 304, body: null, headers };
  }
  const read = await readImages(org, sessionId, page);
  if (read === undefined) return fail('session_not_found');
  const items = await Promise.all(read.items.map((row) => imageReply(row, objects, now)));
  return { status: 200, body: { items, total: read.total }, headers: headersOf(read.version) };
};

function etagOf(view: readonly unknown[]): string {
  return `"${createHash('sha256').update(view.join('|')).digest('base64url').slice(0, 22)}"`;
}

function matches(ifNoneMatch: string, etag: string): boolean {
  return ifNoneMatch.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
}
