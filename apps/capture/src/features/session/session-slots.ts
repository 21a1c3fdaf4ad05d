import { type ShotList, slotKey, slotsOf } from '@spinbay/contracts';
import type { LocalPhoto, LocalSession } from '@spinbay/outbox';
import type { RemoteFrame } from './remote-frames.ts';

/** A slot of the session's shot list with its newest photo. */
export interface SessionSlot {
  readonly key: string;
  readonly angleDeg: number | null;
  readonly shotName: string | null;
  /** The organization's own words for the shot; null: those of the app. */
  readonly label: string | null;
  readonly required: boolean;
  readonly photo: LocalPhoto | null;
  /** The frame on the server, for example one that another device took, or that was deleted here after sending. */
  readonly remote: RemoteFrame | null;
}

/** In shooting order. */
export function slotsOfSession(
  session: Pick<LocalSession, 'shot_list' | 'photos'>,
  remote: ReadonlyMap<string, RemoteFrame>,
): SessionSlot[] {
  const list: ShotList = session.shot_list;
  const shots = new Map((list.stills ?? []).map((shot) => [shot.name, shot]));
  const newest = new Map<string, LocalPhoto>();
  // In the order in which they were stored, because the clock of the device may have been set back meanwhile.
  for (const photo of session.photos) newest.set(slotKey(photo), photo);
  return slotsOf(list).map((slot) => {
    const key = slotKey(slot);
    const shot = slot.shot_name === null ? undefined : shots.get(slot.shot_name);
    return {
      key,
      angleDeg: slot.angle_deg,
      shotName: slot.shot_name,
      label: shot?.label ?? null,
      required: shot?.required ?? true,
      photo: newest.get(key) ?? null,
      remote: remote.get(key) ?? null,
    };
  });
}

export function isTaken(slot: SessionSlot): boolean {
  return slot.photo !== null || slot.remote !== null;
}

/**
 * The photo that Undo removes: the one that this device stored last, even if its time is earlier because the clock was set
 * back. Null if the session has only frames of other devices.
 */
export function lastStored(
  { photos }: Pick<LocalSession, 'photos'>,
  slots: readonly SessionSlot[],
): { readonly imageId: string; readonly slot: string } | null {
  const imageId = photos.at(-1)?.image_id;
  const slot = imageId === undefined ? undefined : slots.find(({ photo }) => photo?.image_id === imageId);
  return imageId === undefined || slot === undefined ? null : { imageId, slot: slot.key };
}

/** The next open slot after this one, around the circle; null if all are taken. */
export function nextOpenSlot(slots: readonly SessionSlot[], after: string, busy: ReadonlySet<string>): string | null {
  const at = slots.findIndex(({ key }) => key === after);
  const around = [...slots.slice(at + 1), ...slots.slice(0, at + 1)];
  return around.find((slot) => !isTaken(slot) && !busy.has(slot.key))?.key ?? null;
}
