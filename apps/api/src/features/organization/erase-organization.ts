import { isFailure, type Routes } from '@spinbay/contracts';
import * as core from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';
import { erasureReply, undoUntil } from './erasure-reply.ts';

export const eraseOrganization: Handler<Routes['eraseOrganization']> = async ({ body, principal, org }, deps) => {
  const wanted = { name: body.organization_name, eraseAfter: undoUntil(deps) };
  const outcome = await org.transact((tx) => core.eraseOrganization(tx, wanted, principal));
  return isFailure(outcome) ? outcome : { status: 202, body: erasureReply(outcome.erasure) };
};
