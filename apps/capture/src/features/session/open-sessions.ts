import { type Client, startDeadline } from '@spinbay/client';
import { SessionId, type ShotList, SiteId, type Turntable } from '@spinbay/contracts';
import type { LocalSession } from '@spinbay/outbox';
import { isSameVehicle, type VehicleNumbers } from './vehicle.ts';

/** An unfinished session of the same vehicle. */
export interface OpenSession {
  readonly id: string;
  readonly siteId: string;
  readonly vehicle: VehicleNumbers;
  readonly mode: LocalSession['mode'];
  readonly shotList: ShotList;
  readonly turntable: Turntable | undefined;
  readonly createdAt: string;
  readonly taken: number;
  readonly expected: number;
  readonly onThisDevice: boolean;
}

export function openSessionsHere(sessions: readonly LocalSession[]): LocalSession[] {
  return sessions.filter(({ status, stuck }) => status === 'active' && stuck === null);
}

interface Wanted {
  readonly siteId: string;
  readonly vehicle: VehicleNumbers;
  readonly mode: LocalSession['mode'];
}

/** Looks for an unfinished session on this device, then on the server. Does not wait long for a slow server. */
export async function findOpenSession(
  client: Pick<Client, 'listSessions'>,
  sessions: readonly LocalSession[],
  { siteId, vehicle, mode }: Wanted,
): Promise<OpenSession | null> {
  const here = openSessionsHere(sessions).find(
    (session) => session.mode === mode && session.site_id === siteId && isSameVehicle(session.vehicle, vehicle),
  );
  if (here !== undefined) {
    return {
      id: here.id,
      siteId,
      vehicle: here.vehicle,
      mode,
      shotList: here.shot_list,
      turntable: here.turntable,
      createdAt: here.created_at,
      taken: new Set(here.photos.map((photo) => photo.angle_deg ?? photo.shot_name)).size,
      expected: expectedFrames(here.shot_list),
      onThisDevice: true,
    };
  }
  // On the other device, the operator may have typed only one of the two numbers. A search needs at least two characters.
  const numbers = [vehicle.stock, vehicle.vin].filter((number) => number !== undefined && number.length >= 2);
  const deadline = startDeadline(3000);
  try {
    const query = { site_id: SiteId.parse(siteId), status: 'active', mode } as const;
    const replies = await Promise.all(
      numbers.map((q) => client.listSessions({ query: { ...query, q } }, { signal: deadline.signal })),
    );
    const found = replies
      .flatMap(({ body }) => body.items)
      .find((session) =>
        isSameVehicle(vehicle, {
          stock: session.vehicle.stock ?? undefined,
          vin: session.vehicle.vin ?? undefined,
        } as VehicleNumbers),
      );
    if (found === undefined) return null;
    const { frames } = found;
    return {
      id: found.id,
      siteId,
      vehicle: {
        ...(found.vehicle.stock !== null && { stock: found.vehicle.stock }),
        ...(found.vehicle.vin !== null && { vin: found.vehicle.vin }),
      },
      mode,
      shotList: found.shot_list,
      turntable: found.turntable as Turntable | undefined,
      createdAt: found.started_at,
      taken: frames.pending + frames.processed + frames.failed + frames.published,
      expected: frames.expected,
      onThisDevice: false,
    };
  } catch {
    // If the server refuses this device, the outbox gets the same refusal when it announces the session, and reports it.
    return null;
  } finally {
    deadline.end();
  }
}

/**
 * Tells the server that this device continues the session of another device. Without this, the device could not send its
 * photos if the session is completed before the first of them arrives. Not awaited, because the first photo has the same
 * effect.
 */
export function joinSession(client: Pick<Client, 'createSession'>, session: OpenSession): void {
  const { id, siteId, vehicle, mode, shotList } = session;
  const body = { id: SessionId.parse(id), site_id: SiteId.parse(siteId), vehicle, mode, shot_list: shotList };
  client.createSession({ body }).catch(() => undefined);
}

export function expectedFrames(list: ShotList): number {
  return (list.studio360?.frame_count ?? 0) + (list.stills?.length ?? 0);
}
