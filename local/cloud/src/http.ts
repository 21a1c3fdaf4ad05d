import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { WireRequest } from './sigv4/canonical.ts';

/** The reply of an operation. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Readable;
}

/** The path or the query of a request is invalid. */
export class MalformedRequest extends Error {
  override readonly name = 'MalformedRequest';
}

/** @throws MalformedRequest if the target is not a path, or if path or query is not percent-encoded UTF-8 without NUL */
export function readWireRequest(incoming: IncomingMessage): WireRequest {
  const url = incoming.url ?? '';
  if (!url.startsWith('/')) throw new MalformedRequest('the request target must be a path');
  const mark = url.indexOf('?');
  const rawPath = mark < 0 ? url : url.slice(0, mark);
  const headers = new Map<string, string[]>();
  for (let i = 0; i + 1 < incoming.rawHeaders.length; i += 2) {
    const name = (incoming.rawHeaders[i] ?? '').toLowerCase();
    const values = headers.get(name) ?? [];
    values.push(incoming.rawHeaders[i + 1] ?? '');
    headers.set(name, values);
  }
  try {
    assertClean(decodeURIComponent(rawPath));
    const query = (mark < 0 ? '' : url.slice(mark + 1))
      .split('&')
      .filter((pair) => pair !== '')
      .map((pair) => {
        const at = pair.indexOf('=');
        const name = decodeURIComponent(at < 0 ? pair : pair.slice(0, at));
        return [name, at < 0 ? '' : assertClean(decodeURIComponent(pair.slice(at + 1)))] as const;
      });
    return { method: incoming.method ?? '', rawPath, query, headers };
  } catch (error) {
    throw new MalformedRequest('path and query must be percent-encoded UTF-8 without NUL', { cause: error });
  }
}

function assertClean(text: string): string {
  if (text.includes('\0')) throw new MalformedRequest('NUL');
  return text;
}

export async function sendReply(response: ServerResponse, reply: Reply, withBody: boolean): Promise<void> {
  for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value);
  response.statusCode = reply.status;
  const { body } = reply;
  if (typeof body === 'object') {
    if (withBody) return pipeline(body, response);
    body.destroy();
    response.end();
    return;
  }
  if (body !== undefined && reply.status !== 204 && reply.status !== 304) {
    response.setHeader('content-length', Buffer.byteLength(body));
  }
  response.end(withBody ? body : undefined);
}
