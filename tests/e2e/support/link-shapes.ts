import type { LinkSpeed } from './shaped-link.ts';

export const linkNames = ['none', '4g', '3g'] as const;
export type LinkName = (typeof linkNames)[number];

/** A mobile network. */
export interface LinkShape {
  readonly words: string;
  /** Undefined: as fast as this machine. */
  readonly speed: LinkSpeed | undefined;
  /** Share of the packets that are lost in each direction. */
  readonly loss: number;
}

export const linkShapes: Readonly<Record<LinkName, LinkShape>> = {
  none: { words: 'not throttled', speed: undefined, loss: 0 },
  '4g': { words: '4G: 9 Mbit/s up, 60 ms', speed: speedOf(9, 30, 60), loss: 0 },
  '3g': { words: '3G: 750 kbit/s up, 300 ms', speed: speedOf(0.75, 1.6, 300), loss: 0.01 },
};

function speedOf(upMbits: number, downMbits: number, roundTripMs: number): LinkSpeed {
  return { upBytesPerSecond: (upMbits * 1e6) / 8, downBytesPerSecond: (downMbits * 1e6) / 8, roundTripMs };
}
