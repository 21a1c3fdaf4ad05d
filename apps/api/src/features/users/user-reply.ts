import type { UserRow } from '@spinbay/core';

export function userReply(user: UserRow) {
  return {
    ...user,
    disabled_at: user.disabled_at?.toISOString() ?? null,
    created_at: user.created_at.toISOString(),
  };
}
