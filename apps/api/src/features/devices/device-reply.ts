import type { DeviceRow } from '@spinbay/core';

export function deviceReply(device: DeviceRow) {
  return {
    ...device,
    last_seen: device.last_seen.toISOString(),
    revoked_at: device.revoked_at?.toISOString() ?? null,
    blocked_at: device.blocked_at?.toISOString() ?? null,
    created_at: device.created_at.toISOString(),
  };
}
