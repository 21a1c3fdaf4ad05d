import { defaultShotList, isFailure, type Routes } from '@spinbay/contracts';
import * as core from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';
import { sessionReply } from './session-reply.ts';

export const createSession: Handler<Routes['createSession']> = async ({ body, principal, org }, { objects }) => {
  const wanted = {
    id: body.id,
    siteId: body.site_id,
    vehicle: body.vehicle,
    mode: body.mode,
    shotList: body.shot_list ?? defaultShotList(body.mode),
    turntable: body.turntable,
    by:
      principal.type === 'device'
        ? { type: principal.type, id: principal.id }
        : { type: principal.type, id: principal.id },
  };
  const outcome = await org.transact((tx) => core.createSession(tx, wanted));
  if (isFailure(outcome)) return outcome;
  return { status: outcome.created ? 201 : 200, body: await sessionReply(outcome.session, objects) };
};
