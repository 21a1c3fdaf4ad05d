import type { EnrolmentCodeRow } from '@spinbay/core';

export function enrolmentCodeReply(code: EnrolmentCodeRow) {
  return {
    ...code,
    expires_at: code.expires_at.toISOString(),
    created_at: code.created_at.toISOString(),
    used_at: code.used_at?.toISOString() ?? null,
  };
}
