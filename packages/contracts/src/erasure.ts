import { z } from 'zod';
import { Timestamp } from './time.ts';

/** What is hidden from now on, and erased later. */
export const Erasure = z
  .object({
    photos: z.int().meta({ description: 'how many photos are erased with it' }),
    erase_after: Timestamp.meta({ description: 'until then it can be restored' }),
  })
  .meta({ id: 'Erasure' });
export type Erasure = z.output<typeof Erasure>;

/** Of a request to erase what somebody may still need. */
export const erasureQuery = z.object({
  confirm: z
    .stringbool()
    .default(false)
    .meta({ description: 'erase it also while it is being shot, and with published photos' }),
});
