import type { Reply, Route } from '@spinbay/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { chooseEncoding } from './encode-body.ts';
import { RenderedBody } from './rendered-bodies.ts';

/** A reply with status 200 whose body was already rendered by `renderBody`. */
export interface RenderedReply {
  readonly rendered: RenderedBody;
  readonly headers: Readonly<Record<string, string>>;
}

/** The bytes of a body. Fields that the contract does not declare are dropped. */
export function renderBody<R extends Route>(route: R, status: number, body: Reply<R>['body']): Buffer {
  const schema = route.replies[status];
  if (schema == null) throw new Error(`${route.method} ${route.path} declares no body for ${status}`);
  return Buffer.from(JSON.stringify(schema.parse(body)));
}

export async function sendReply(
  route: Route,
  request: FastifyRequest,
  reply: FastifyReply,
  answer: Reply<Route> | RenderedReply,
): Promise<FastifyReply> {
  // Tokens and tenants' data must not be cached, unless a handler allows it.
  void reply.headers({ 'cache-control': 'no-store', ...answer.headers });
  if ('rendered' in answer) return sendBody(request, reply.code(200), answer.rendered);
  void reply.code(answer.status);
  if (route.replies[answer.status] === null) return reply.send();
  return sendBody(request, reply, new RenderedBody(renderBody(route, answer.status, answer.body as never)));
}

async function sendBody(request: FastifyRequest, reply: FastifyReply, body: RenderedBody): Promise<FastifyReply> {
  void reply.type('application/json; charset=utf-8').header('vary', varyOf(reply));
  const encoding = chooseEncoding(request.headers['accept-encoding'], body.plain.length);
  if (encoding === null) return reply.send(body.plain);
  return reply.header('content-encoding', encoding).send(await body.encoded(encoding));
}

/** Adds to the value that CORS has set. */
function varyOf(reply: FastifyReply): string {
  const others = reply.getHeader('vary');
  return others === undefined ? 'accept-encoding' : `${String(others)}, accept-encoding`;
}
