import type { Route, RouteName } from '@spinbay/contracts';
import { recordRefusal, type Store } from '@spinbay/core';
import type { Principal, Tokens } from '@spinbay/tokens';
import type { FastifyRequest } from 'fastify';

/** The caller that the token names; null without a valid token. */
export async function authenticate(request: FastifyRequest, tokens: Tokens): Promise<Principal | null> {
  // With two headers Node.js uses the first, but a proxy may have checked the other one.
  const [header = '', ...more] = request.raw.headersDistinct.authorization ?? [];
  const token = more.length === 0 ? /^Bearer ([\w.~+/=-]+)$/i.exec(header)?.[1] : undefined;
  return token === undefined ? null : tokens.verify(token);
}

/** Whether a principal's role may use a route. */
export function isAllowed(route: Route, principal: Principal): boolean {
  return route.access === 'public' || route.access.includes(principal.role);
}

/** Records in the audit log that the caller's role was refused. The request is refused even if this fails. */
export async function auditRefusal(
  name: RouteName,
  principal: Principal,
  request: FastifyRequest,
  store: Store,
): Promise<void> {
  const { type, id, orgId, role } = principal;
  const event = {
    entityType: type,
    entityId: id,
    type: 'request.refused',
    meta: { route: name, role },
    actor: principal,
  };
  await store
    .forOrg(orgId, 'all')
    .transact((tx) => recordRefusal(tx, event))
    .catch((error: unknown) => request.log.warn({ err: error }, 'a refusal could not be recorded in the audit log'));
}
