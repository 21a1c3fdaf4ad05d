import { fail, type Routes } from '@spinbay/contracts';
import * as core from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';
import { sessionReply } from './session-reply.ts';

export const getSession: Handler<Routes['getSession']> = async ({ params, org }, { objects }) => {
  const row = await org.read((tx) => core.getSession(tx, params.session_id));
  if (row === undefined) return fail('session_not_found');
  return { status: 200, body: await sessionReply(row, objects) };
};
