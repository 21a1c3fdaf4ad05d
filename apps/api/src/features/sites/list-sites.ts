import type { Routes } from '@spinbay/contracts';
import { listSites as readSites } from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';

export const listSites: Handler<Routes['listSites']> = async ({ org }) => {
  const items = await org.read((tx) => readSites(tx));
  return { status: 200, body: { items } };
};
