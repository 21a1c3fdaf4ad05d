import { isFailure, type Routes } from '@spinbay/contracts';
import { enrolDevice, refreshDevice } from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';

export const authDevice: Handler<Routes['authDevice']> = async ({ body, log }, { store, tokens }) => {
  const facts = { platform: body.platform, model: body.model, appVersion: body.app_version };
  const { device_id: id, device_secret, new_secret, enrolment_code: code, installation_key: installation } = body;
  const keyWith = (secret: string | undefined) =>
    id === undefined || secret === undefined ? undefined : { id, secret };
  const known = keyWith(device_secret);
  const device =
    known === undefined
      ? await enrolDevice(store, body.org_id, facts, { key: keyWith(new_secret), code, installation })
      : await refreshDevice(store, body.org_id, known, facts);
  if (isFailure(device)) {
    log.warn({ org_id: body.org_id, device_id: body.device_id, code: device.failure }, 'a device was refused');
    return device;
  }
  const { token, expiresAt } = await tokens.forDevice({ id: device.deviceId, orgId: device.orgId });
  return {
    status: 200,
    body: { token, device_id: device.deviceId, expires_at: expiresAt.toISOString(), device_secret: device.secret },
  };
};
