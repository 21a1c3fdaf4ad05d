import { connect } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Role, type Route, type RouteName, routes } from '@spinbay/contracts';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type Dealer, makeDealer } from '../testing/dealers.ts';
import { asHttpText, type FuzzReply, mutate, requestOf, sendRaw } from '../testing/fuzz-requests.ts';
import { damage, header, mutation } from '../testing/hostile.ts';
import type { Json, JsonSchema } from '../testing/sample-json.ts';
import { type RequestShape, shapesOf } from '../testing/sample-requests.ts';
import { startTestApi, type TestApi } from '../testing.ts';

/** `npm run fuzz:api` and `npm run test:long` set these. */
const seconds = Number(process.env.SPINBAY_FUZZ_SECONDS ?? 5);
const seed = Number(process.env.SPINBAY_FUZZ_SEED ?? 1);

interface Operation {
  readonly operationId: string;
  readonly responses: Record<string, { content?: Record<string, { schema: JsonSchema }> }>;
}
interface Target {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
  readonly shapes: readonly RequestShape[];
}
type DealerWithTokens = { readonly dealer: Dealer; readonly tokens: Readonly<Partial<Record<Role, string>>> };

let api: TestApi;
let targets: Target[];
let components: Record<string, JsonSchema>;
beforeAll(async () => {
  api = await startTestApi();
  const document = (await (await fetch(`${api.url}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, Operation>>;
    components: { schemas: Record<string, JsonSchema> };
  };
  components = document.components.schemas;
  targets = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => {
      const name = operation.operationId as RouteName;
      const shapes = shapesOf(name, routes[name], { more: true });
      return { method: method.toUpperCase(), path, operation, shapes };
    }),
  );
});
afterAll(() => api?.stop());

const validators = new Map<string, z.ZodType>();

/** Validates a body with the schema of the document. */
function faultOf(key: string, schema: JsonSchema, body: unknown): string | undefined {
  let validator = validators.get(key);
  if (validator === undefined) {
    const local = JSON.parse(
      JSON.stringify({ ...schema, $defs: components }).replaceAll('#/components/schemas/', '#/$defs/'),
    );
    validator = z.fromJSONSchema(local);
    validators.set(key, validator);
  }
  const { error } = validator.safeParse(body);
  return error === undefined ? undefined : z.prettifyError(error);
}

/** @returns what is wrong with a reply; undefined if the document allows it */
function undeclared({ operation }: Target, reply: FuzzReply): string | undefined {
  if (reply.status >= 500) return 'a server error';
  // Some requests match no route: an empty parameter, one that is too long, bytes that are not text.
  if (reply.status === 404 && reply.body.includes('"code":"route_not_found"')) return undefined;
  // Node.js itself refuses an unknown Expect header, before there is a route.
  if (reply.status === 417 && reply.body === '') return undefined;
  const declared = operation.responses[reply.status];
  if (declared === undefined) return 'a status that the document does not declare';
  const [type, media] = Object.entries(declared.content ?? {})[0] ?? [];
  if (type === undefined || media === undefined) return reply.body === '' ? undefined : 'an undeclared body';
  if (reply.contentType?.split(';')[0] !== type) return `not of the type ${type}`;
  let body: unknown;
  try {
    body = JSON.parse(reply.body);
  } catch {
    return 'not JSON';
  }
  return faultOf(`${operation.operationId} ${reply.status}`, media.schema, body);
}

const roles: readonly Role[] = ['device', 'operator', 'reviewer', 'admin'];

async function newDealer(): Promise<DealerWithTokens> {
  const dealer = await makeDealer(api);
  const tokens = await Promise.all(roles.map(async (role) => [role, await dealer.token(role)] as const));
  return { dealer, tokens: Object.fromEntries(tokens) };
}

const withIds = (shape: RequestShape, dealer: Dealer) => {
  let text = JSON.stringify(shape.value);
  for (const field of shape.ids) text = text.replaceAll(field.placeholder, dealer.south[field.kind]);
  return JSON.parse(text) as { params?: Record<string, Json>; query?: Record<string, Json>; body?: Json };
};

const collect = () => {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage();
};

const anything = fc.record({
  target: fc.nat(999),
  shape: fc.nat(99),
  role: fc.option(fc.constantFrom(...roles), { freq: 12, nil: undefined }),
  mutations: fc.array(mutation, { maxLength: 3 }),
  headers: fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(header, { maxLength: 3 }) },
  ),
  damage,
});

test(`the reply to any request is one that the document declares (seed ${seed}, ${seconds} s)`, {
  timeout: (seconds + 120) * 1000,
}, async () => {
  let sender = await newDealer();
  const measured: number[] = [];
  for (let k = 0; k < 20; k++) {
    const body = Buffer.from(`{"x":"${'x'.repeat(1024 * 1024 - 20)}"}`);
    const headers = [
      ['authorization', `Bearer ${sender.tokens.device}`],
      ['content-type', 'application/json'],
    ] as const;
    measured.push((await sendRaw(api.url, { method: 'POST', path: '/events', headers, body })).ms);
  }
  // Based on the time to refuse a megabyte on this machine under its current load. A slower reply counts as hanging.
  const bound = 3_000 + 50 * (measured.sort((a, b) => a - b)[10] ?? 0);
  let sent = 0;
  let slowest = 0;
  let before: NodeJS.MemoryUsage | undefined;
  await fc.assert(
    fc.asyncProperty(anything, async (chosen) => {
      sent += 1;
      // The callers of a new dealer have used up no rate limit, and no request has changed its rows.
      if (sent % 150 === 0) sender = await newDealer();
      if (sent === 300) before = collect();
      const target = targets[chosen.target % targets.length];
      const shape = target?.shapes[chosen.shape % target.shapes.length];
      if (target === undefined || shape === undefined) throw new Error('there are no routes');
      const parts = mutate(withIds(shape, sender.dealer), chosen.mutations);
      const token = chosen.role === undefined ? undefined : sender.tokens[chosen.role];
      const request = requestOf(target.method, target.path, parts, { ...chosen, token });
      const reply = await sendRaw(api.url, request);
      slowest = Math.max(slowest, reply.ms);
      const fault = reply.ms > bound ? `${reply.ms} ms, more than ${bound}` : undeclared(target, reply);
      if (fault !== undefined) {
        throw new Error(
          `${fault}\n\n${asHttpText(request)}\n\nwas answered with ${reply.status} ${reply.contentType}\n${reply.body.slice(0, 2_000)}`,
        );
      }
    }),
    {
      seed,
      numRuns: Number.MAX_SAFE_INTEGER,
      interruptAfterTimeLimit: seconds * 1000,
      markInterruptAsFailure: false,
    },
  );
  const after = collect();
  const grown = Math.round((after.heapUsed - (before ?? after).heapUsed) / 2 ** 20);
  console.log(
    `${sent} requests, slowest ${Math.round(slowest)} ms of ${Math.round(bound)}, heap grown by ${grown} MiB, resident ${Math.round((before ?? after).rss / 2 ** 20)} -> ${Math.round(after.rss / 2 ** 20)} MiB`,
  );
  expect(grown, 'MiB that were not released').toBeLessThan(32);
  expect(after.rss - (before ?? after).rss, 'bytes of resident memory').toBeLessThan(256 * 2 ** 20);
});

// A fuzzer whose requests are always refused proves nothing. Public routes are left out: the organization and the credentials
// in their requests are invented.
test('without a mutation, the request of each other route succeeds for a role that may use it', async () => {
  const refused = async ({ dealer, tokens }: DealerWithTokens, { method, path, shapes }: Target) => {
    const replies: string[] = [];
    for (const shape of shapes) {
      for (const role of roles) {
        const request = requestOf(method, path, withIds(shape, dealer), {
          ...{ headers: [], damage: { kind: 'none' } as const },
          token: tokens[role],
        });
        const { status, body } = await sendRaw(api.url, request);
        if (status >= 200 && status < 300) return null;
        replies.push(`${role}: ${status} ${body.slice(0, 200)}`);
      }
    }
    return replies;
  };
  let sender = await newDealer();
  const faults: Record<string, string[]> = {};
  for (const target of targets) {
    const name = target.operation.operationId as RouteName;
    const route: Route = routes[name];
    if (route.access === 'public' || (await refused(sender, target)) === null) continue;
    // An earlier request may have erased what this one needs.
    sender = await newDealer();
    const replies = await refused(sender, target);
    if (replies !== null) faults[name] = replies;
  }
  expect(faults).toEqual({});
});

const line = 'POST /auth/device HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
test.each([
  ['a length that is too short', `${line}Content-Length: 2\r\n\r\n{"org_id":"x"}`],
  ['a length that is too long', `${line}Content-Length: 900\r\n\r\n{}`],
  ['a length below zero', `${line}Content-Length: -1\r\n\r\n{}`],
  ['a length that is not a number', `${line}Content-Length: 0x10\r\n\r\n{}`],
  ['a length that is too large for a number', `${line}Content-Length: 99999999999999999999\r\n\r\n{}`],
  ['a length above the limit, without a body', `${line}Content-Length: 1048577\r\n\r\n`],
  ['two lengths', `${line}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} `],
  ['a length and chunks', `${line}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`],
  ['chunks of no size', `${line}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`],
  ['chunks without an end', `${line}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n`],
  ['another encoding', `${line}Transfer-Encoding: gzip\r\n\r\n{}`],
  ['a header without a colon', `GET /sites HTTP/1.1\r\nHost: x\r\nbroken\r\n\r\n`],
  ['a NUL in a header', `GET /sites HTTP/1.1\r\nHost: x\r\nX-A: \u0000\r\n\r\n`],
  ['a folded header', `GET /sites HTTP/1.1\r\nHost: x\r\nX-A: a\r\n b\r\n\r\n`],
  ['no host', 'GET /sites HTTP/1.1\r\n\r\n'],
  ['no version', 'GET /sites\r\n\r\n'],
  ['a future version', 'GET /sites HTTP/9.9\r\nHost: x\r\n\r\n'],
  ['an unknown method', 'FETCH /sites HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['a whole URL', 'GET http://elsewhere.example/sites HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['bytes', '\u0000\u0001\u0002\u0003\r\n\r\n'],
  ['a header that is too long', `GET /sites HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(200_000)}\r\n\r\n`],
  ['ten thousand headers', `GET /sites HTTP/1.1\r\nHost: x\r\n${'a: b\r\n'.repeat(10_000)}\r\n`],
])(
  'a request with %s from a raw socket is refused or disconnected, and the next request is served',
  async (_, text) => {
    const { hostname, port } = new URL(api.url);
    const socket = connect(Number(port), hostname);
    let reply = '';
    socket.on('data', (chunk) => {
      reply += chunk;
    });
    const ended = new Promise((resolve) => socket.once('close', resolve));
    // The server disconnects while this side is still sending.
    socket.on('error', () => undefined);
    socket.end(text, 'latin1');
    await ended;
    for (const [, status] of reply.matchAll(/^HTTP\/1\.1 (\d+)/gm)) expect(Number(status)).toBeLessThan(500);
    expect((await fetch(`${api.url}/healthz`)).status).toBe(200);
  },
);
