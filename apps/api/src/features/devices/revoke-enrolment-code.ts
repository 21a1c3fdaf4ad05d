import { isFailure, type Routes } from '@spinbay/contracts';
import * as core from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';
import { enrolmentCodeReply } from './enrolment-code-reply.ts';

export const revokeEnrolmentCode: Handler<Routes['revokeEnrolmentCode']> = async ({ params, principal, org }) => {
  const outcome = await org.transact((tx) => core.revokeEnrolmentCode(tx, params.enrolment_code_id, principal));
  if (isFailure(outcome)) return outcome;
  return { status: 200, body: enrolmentCodeReply(outcome.code) };
};
