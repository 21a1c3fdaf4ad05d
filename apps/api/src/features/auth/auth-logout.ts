import type { Routes } from '@spinbay/contracts';
import { endTokens } from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';

export const authLogout: Handler<Routes['authLogout']> = async ({ body, principal, org }) => {
  await org.transact((tx) => endTokens(tx, principal, body));
  return { status: 204, body: null };
};
