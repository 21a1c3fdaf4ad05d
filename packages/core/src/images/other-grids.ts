import type { ImageId } from '@spinbay/contracts';
import { sql } from 'kysely';
import type { OrgTx } from '../store/org-tx.ts';

const maxGrids = 6;

/**
 * The colour grids of other frames of the same spin, by which the worker finds the car in this one: at most six, spread
 * over the angles that have a measured frame. Empty for stills and frames without a slot.
 */
export async function otherGrids(tx: OrgTx, imageId: ImageId): Promise<Uint8Array[]> {
  // The integer quotient `place * 6 / frames` increases at six places, which are spread evenly. With fewer frames it increases at
  // every place.
  const rows = await tx.runPrepared(sql<{ colour_grid: Uint8Array }>`
    with measured as (
      select i.id, row_number() over (order by s.angle_deg) as place, count(*) over () as frames
      from images own
        join slots own_slot on ${tx.ofOrg('own_slot')} and own_slot.id = own.slot_id and own_slot.angle_deg is not null
        join slots s on ${tx.ofOrg('s')} and s.session_id = own.session_id and s.id <> own.slot_id
          and s.angle_deg is not null
        join images i on ${tx.ofOrg('i')} and i.id = s.current_image_id and i.colour_grid is not null
      where ${tx.ofOrg('own')} and own.id = ${imageId}
    )
    select i.colour_grid from measured m join images i on ${tx.ofOrg('i')} and i.id = m.id
    where m.place * ${maxGrids}::integer / m.frames <> (m.place - 1) * ${maxGrids}::integer / m.frames`);
  return rows.map((row) => row.colour_grid);
}
