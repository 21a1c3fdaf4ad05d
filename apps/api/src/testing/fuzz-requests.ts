import { request as httpRequest } from 'node:http';
import { performance } from 'node:perf_hooks';
import type { Damage, Mutation } from './hostile.ts';
import type { Json } from './sample-json.ts';

export interface FuzzRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer | undefined;
}

export interface FuzzReply {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly body: string;
  readonly ms: number;
}

interface Parts {
  readonly params?: Record<string, Json>;
  readonly query?: Record<string, Json>;
  readonly body?: Json;
}

/** Changes values inside the params, query and body of a request. */
export function mutate(parts: Parts, mutations: readonly Mutation[]): Parts {
  const copy = structuredClone(parts) as Record<string, Json>;
  for (const change of mutations) {
    const places = [...placesIn(copy)];
    const place = places[change.at % Math.max(1, places.length)];
    if (place === undefined) continue;
    const [holder, key] = place;
    if (change.kind === 'set') define(holder, key, structuredClone(change.value));
    else if (change.kind === 'drop') delete holder[key];
    else define(holder, change.key, structuredClone(change.value));
  }
  return copy as Parts;
}

function* placesIn(value: Json, depth = 0): Generator<[Record<string, Json>, string]> {
  if (typeof value !== 'object' || value === null || depth > 6) return;
  for (const [key, inner] of Object.entries(value).slice(0, 60)) {
    // The body may be replaced as a whole. Params and query stay objects.
    if (depth > 0 || key === 'body') yield [value as Record<string, Json>, key];
    yield* placesIn(inner, depth + 1);
  }
}

/** Like JSON.parse: `__proto__` becomes a normal property. */
function define(holder: Record<string, Json>, key: string, value: Json): void {
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
}

/** @param path with `{name}` for each parameter */
export function requestOf(
  method: string,
  path: string,
  { params = {}, query = {}, body }: Parts,
  options: { headers: readonly (readonly [string, string])[]; damage: Damage; token: string | undefined },
): FuzzRequest {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encode(textOf(params[name])));
  const search = Object.entries(query).flatMap(([key, value]) =>
    // Copied first, because a list with its own "constructor" cannot be sliced.
    (Array.isArray(value) ? [...value].slice(0, 50) : [value]).map((one) => `${encode(key)}=${encode(textOf(one))}`),
  );
  const bytes = body === undefined ? undefined : damaged(jsonOf(body), options.damage);
  const headers = new Map<string, string>();
  if (options.token !== undefined) headers.set('authorization', `Bearer ${options.token}`);
  if (bytes !== undefined) headers.set('content-type', 'application/json');
  for (const [name, value] of options.headers) headers.set(name, value);
  return {
    method,
    path: (search.length > 0 ? `${filled}?${search.join('&')}` : filled).slice(0, 6_000),
    headers: [...headers],
    body: bytes,
  };
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : (JSON.stringify(value ?? null) ?? '');
}

function encode(text: string): string {
  // Lone surrogates have no UTF-8 form. They are sent as WTF-8, which is invalid UTF-8.
  return encodeURIComponent(text.slice(0, 2_000).replace(/\p{Surrogate}/gu, '\u0001')).replaceAll('%01', '%ED%A0%80');
}

/** Replaces `{"deep":n}` with nested lists. */
function jsonOf(body: Json): string {
  return JSON.stringify(body).replace(
    /\{"deep":(\d{1,5})\}/g,
    (_, depth) => '['.repeat(Number(depth)) + ']'.repeat(Number(depth)),
  );
}

function damaged(json: string, damage: Damage): Buffer {
  switch (damage.kind) {
    case 'none':
      return Buffer.from(json);
    case 'empty':
      return Buffer.alloc(0);
    case 'bom':
      return Buffer.from(`\ufeff${json}`);
    case 'not utf-8':
      return Buffer.concat([
        Buffer.from(json.slice(0, -2)),
        Buffer.from([0xff, 0xfe, 0xc0]),
        Buffer.from(json.slice(-2)),
      ]);
    case 'twice':
      return Buffer.from(json + json);
    case 'every key twice':
      return Buffer.from(json.replace(/"(\w+)":/g, '"$1":null,"$1":'));
    case 'cut':
      return Buffer.from(json.slice(0, damage.at));
    case 'too large':
      return Buffer.from(json.padEnd(1024 * 1024 + 1));
    case 'padded':
      return Buffer.from(json.padEnd(1024 * 1024));
  }
}

/** Uses node:http, because `fetch` would correct or refuse the request. */
export function sendRaw(url: string, { method, path, headers, body }: FuzzRequest): Promise<FuzzReply> {
  const { hostname, port } = new URL(url);
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const request = httpRequest({ hostname, port, method, path, agent: false }, (reply) => {
      const chunks: Buffer[] = [];
      reply.on('data', (chunk: Buffer) => chunks.push(chunk));
      reply.on('error', reject);
      reply.on('end', () =>
        resolve({
          status: reply.statusCode ?? 0,
          contentType: reply.headers['content-type'],
          body: Buffer.concat(chunks).toString(),
          ms: performance.now() - started,
        }),
      );
    });
    request.on('error', reject);
    for (const [name, value] of headers) request.setHeader(name, value);
    if (body !== undefined) request.setHeader('content-length', body.length);
    request.end(body);
  });
}

/** A request as text, so that it can be repeated by hand. */
export function asHttpText({ method, path, headers, body }: FuzzRequest): string {
  const text = body === undefined ? '' : `\n\n${JSON.stringify(body.toString().slice(0, 2_000))}`;
  const lines = headers.map(([name, value]) => `${name}: ${value.slice(0, 200)}`);
  return [`${method} ${path}`, ...lines].join('\n') + text;
}
