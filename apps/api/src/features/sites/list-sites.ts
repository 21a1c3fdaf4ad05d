import type { Routes } from '@spinbay/contracts';
import * as core from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';

export const listSites: Handler<Routes['listSites']> = async ({ org }) => {
  const items = await org.read((tx) => core.listSites(tx));
  return { status: 200, body: { items } };
};
