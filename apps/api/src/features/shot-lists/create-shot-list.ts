import { isFailure, type Routes } from '@spinbay/contracts';
import * as core from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';
import { shotListReply } from './shot-list-reply.ts';

export const createShotList: Handler<Routes['createShotList']> = async ({ body, principal, org }) => {
  const outcome = await org.transact((tx) => core.createShotList(tx, body, principal));
  if (isFailure(outcome)) return outcome;
  return { status: 201, body: shotListReply(outcome.list) };
};
