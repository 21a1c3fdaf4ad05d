import { z } from 'zod';
import { ImageId } from './ids.ts';

const FrameRef = z.object({ image_id: ImageId, angle_deg: z.number() });

/** Two frames and the number of bits (of 64) in which their perceptual hashes differ. */
const FramePair = z.object({ first: FrameRef, second: FrameRef, distance: z.int() });

/** The results of comparing the frames of a spin. */
export const SpinQc = z
  .object({
    missing: z.array(z.number()).meta({ description: 'angles of the slots without a picture' }),
    exposure: z.array(FrameRef.extend({ stops: z.number() })).meta({
      description:
        'frames that are brighter (+) or darker (-) than their neighbours, compared where both show the same',
    }),
    white_balance: z.array(FrameRef.extend({ red: z.number(), blue: z.number() })).meta({
      description: 'frames that have more red or blue relative to green than their neighbours, as a share (0.1 = 10 %)',
    }),
    soft: z
      .array(FrameRef.extend({ width: z.number(), usual: z.number() }))
      .optional()
      .meta({
        description: 'frames whose edges are wider than those of the frames next to them; missing: not compared',
      }),
    step: z
      .number()
      .nullable()
      .meta({ description: 'median distance of neighbours; null if it is too small, or if there are too few frames' }),
    repeated: z
      .array(FramePair)
      .meta({ description: 'neighbours that show the same angle: the turntable did not move' }),
    skipped: z.array(FramePair).meta({ description: 'neighbours that are too far apart: an angle is missing' }),
    swapped: z
      .array(FramePair)
      .optional()
      .meta({ description: 'neighbours that are in the wrong order; missing: not compared' }),
    near_duplicates: z.array(FramePair).meta({ description: 'frames of distant slots that show the same view' }),
  })
  .meta({ id: 'SpinQc' });
export type SpinQc = z.output<typeof SpinQc>;

/** The number of bits (of 64) in which two perceptual hashes (16 hex digits each) differ. */
export function hashDistance(one: string, other: string): number {
  let bits = 0;
  for (let i = 0; i < one.length; i += 8) {
    let differing = Number.parseInt(one.slice(i, i + 8), 16) ^ Number.parseInt(other.slice(i, i + 8), 16);
    for (; differing !== 0; differing &= differing - 1) bits++;
  }
  return bits;
}
