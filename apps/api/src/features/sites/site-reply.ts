import type { SiteId } from '@spinbay/contracts';

export function siteReply({ id, name, created_at }: { id: SiteId; name: string; created_at: Date }) {
  return { id, name, created_at: created_at.toISOString() };
}
