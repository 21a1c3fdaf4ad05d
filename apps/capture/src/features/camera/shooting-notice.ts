import type { DeviceQc } from '@spinbay/outbox';

/** What the operator should know about the last photos. */
export type ShootingNotice =
  | { readonly kind: 'qc'; readonly slot: string; readonly qc: DeviceQc }
  | { readonly kind: 'not_saved'; readonly slot: string; readonly full: boolean }
  /** The camera has not delivered the photo. */
  | { readonly kind: 'no_photo'; readonly slot: string }
  | { readonly kind: 'undone' | 'undo_sent' | 'undo_failed'; readonly slot: string };

/** The notice after the check of a photo. A good photo ends the warning about an earlier one of its slot. */
export function withCheck(before: ShootingNotice | null, slot: string, qc: DeviceQc): ShootingNotice | null {
  if (qc.reasons.length > 0) return { kind: 'qc', slot, qc };
  return isAbout(before, 'qc', slot) ? null : before;
}

export function isAbout(notice: ShootingNotice | null, kind: ShootingNotice['kind'], slot: string): boolean {
  return notice?.kind === kind && notice.slot === slot;
}
