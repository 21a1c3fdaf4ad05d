import type { Routes } from '@spinbay/contracts';
import { listSites as readSites } from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';

export const listSites: Handler<Routes['listSites']> = async ({ principal }, { store }) => {
  const items = await store.forOrg(principal.orgId, principal.sites).read((tx) => readSites(tx));
  return { status: 200, body: { items } };
};
