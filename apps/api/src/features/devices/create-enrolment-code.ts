import { enrolUrl, isFailure, type Routes, showEnrolmentCode } from '@spinbay/contracts';
import * as core from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';

export const createEnrolmentCode: Handler<Routes['createEnrolmentCode']> = async (
  { body, principal, org },
  { publicUrl, captureUrl },
) => {
  const wanted = {
    label: body.label,
    siteIds: body.site_ids,
    allSites: body.all_sites,
    lifetime: body.expires_in_s,
  };
  const made = await org.transact((tx) => core.createEnrolmentCode(tx, wanted, principal));
  if (isFailure(made)) return made;
  const code = showEnrolmentCode(made.code);
  return {
    status: 201,
    body: {
      id: made.id,
      code,
      label: made.label,
      site_ids: made.siteIds,
      expires_at: made.expiresAt.toISOString(),
      enrol_url: enrolUrl({ api: publicUrl, orgId: principal.orgId, code, capture: captureUrl }),
    },
  };
};
