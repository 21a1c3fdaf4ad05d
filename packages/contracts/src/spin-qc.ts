import { z } from 'zod';
import { ImageId } from './ids.ts';

const FrameRef = z.object({ image_id: ImageId, angle_deg: z.number() });

/** Two frames and in how many of 64 bits their perceptual hashes differ. */
const FramePair = z.object({ first: FrameRef, second: FrameRef, distance: z.int() });

/** What the frames of a spin tell only side by side. */
export const SpinQc = z
  .object({
    missing: z.array(z.number()).meta({ description: 'angles of the slots without a picture' }),
    exposure: z
      .array(FrameRef.extend({ stops: z.number() }))
      .meta({ description: 'frames whose centre is brighter (+) or darker (-) than the median of the spin' }),
    white_balance: z.array(FrameRef.extend({ red: z.number(), blue: z.number() })).meta({
      description: 'frames whose centre is redder or bluer against green than the median, as a share (0.1 = 10 %)',
    }),
    step: z
      .number()
      .nullable()
      .meta({ description: 'median distance of neighbours; null where it is too small or too few to compare with' }),
    repeated: z.array(FramePair).meta({ description: 'neighbours that show the same angle: the table did not turn' }),
    skipped: z.array(FramePair).meta({ description: 'neighbours that are too far apart: an angle was left out' }),
    near_duplicates: z.array(FramePair).meta({ description: 'frames of distant slots that show the same' }),
  })
  .meta({ id: 'SpinQc' });
export type SpinQc = z.output<typeof SpinQc>;

/** In how many of their 64 bits two perceptual hashes (16 hex digits each) differ. */
export function hashDistance(one: string, other: string): number {
  let bits = 0;
  for (let i = 0; i < one.length; i += 8) {
    let differing = Number.parseInt(one.slice(i, i + 8), 16) ^ Number.parseInt(other.slice(i, i + 8), 16);
    for (; differing !== 0; differing &= differing - 1) bits++;
  }
  return bits;
}
