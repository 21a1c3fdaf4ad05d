import { createHash } from 'node:crypto';
import { fail, type Image, type Routes, routes } from '@spinbay/contracts';
import * as core from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';
import { renderBody } from '../../bind/send-reply.ts';
import { imageReply } from './image-reply.ts';

export const listImages: Handler<Routes['listImages']> = async (
  { query, ifNoneMatch, org, principal },
  { objects, galleries, showTrace },
) => {
  const now = new Date();
  const { session_id: sessionId, ...page } = query;
  // The URLs are part of the reply. When their time window ends, the browser needs new ones.
  const window = await objects.urlWindow({ now, group: sessionId });
  const version = await core.pollImagesVersion(org, sessionId);
  if (version === undefined) return fail('session_not_found');
  // A device may see fewer frames than others do.
  const reader = principal.type === 'device' ? principal.id : '';
  const etag = etagOf([principal.orgId, sessionId, version, window, page.limit, page.offset, page.superseded, reader]);
  if (ifNoneMatch !== undefined && matches(ifNoneMatch, etag)) return { status: 304, body: null, headers: { etag } };
  // The tag contains everything that the reply depends on, so that all viewers of a session share one rendering. The version
  // was read first, so that the next poll reports changes in between.
  const rendered = await galleries.get(principal.orgId, etag, async () => {
    const { items, total } = await org.read((tx) => core.listImages(tx, sessionId, page));
    const images = await Promise.all(items.map(async (row) => withoutHistogram(await imageReply(row, objects, now))));
    if (principal.type === 'user') showTrace(principal.orgId, items);
    return renderBody(routes.listImages, 200, { items: images, total });
  });
  return { rendered, headers: { etag } };
};

/** Histograms are a third of the figures, and no gallery shows them. `GET /images/:id` includes them. */
function withoutHistogram(image: Image): Image {
  if (image.qc === null) return image;
  const { histogram: _, ...exposure } = image.qc.exposure;
  return { ...image, qc: { ...image.qc, exposure } };
}

/** Weak, because the same gallery has several encodings. */
function etagOf(view: readonly unknown[]): string {
  return `W/"${createHash('sha256').update(view.join('|')).digest('base64url').slice(0, 22)}"`;
}

function matches(ifNoneMatch: string, etag: string): boolean {
  return ifNoneMatch.split(',').some((tag) => tag.trim().replace(/^(?!W\/)/, 'W/') === etag);
}
