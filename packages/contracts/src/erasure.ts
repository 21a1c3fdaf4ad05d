import { z } from 'zod';
import { Timestamp } from './time.ts';

/** Data that is hidden now and erased later. */
export const Erasure = z
  .object({
    photos: z.int().meta({ description: 'the number of photos that are erased with it' }),
    erase_after: Timestamp.meta({ description: 'it can be restored until this time' }),
  })
  .meta({ id: 'Erasure' });
export type Erasure = z.output<typeof Erasure>;

/** The query of requests that erase data which somebody may still need. */
export const erasureQuery = z.object({
  confirm: z
    .stringbool()
    .default(false)
    .meta({ description: 'erase it even while it is being shot or has published photos' }),
});
