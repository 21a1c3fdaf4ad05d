import type { PixelBuffer } from '@spinbay/imaging/kernels';

/** Mean values, 0-255. */
export interface Light {
  readonly red: number;
  readonly green: number;
  readonly blue: number;
}

/**
 * The mean colour of the picture's upper edge and upper corners. They show the studio, which stays the same while the car
 * turns. The middle is not suitable, because the side of a car is lighter or darker than its front.
 */
export function lightAround({ data, width, height }: PixelBuffer): Light {
  const top = Math.max(1, Math.round(height * 0.12));
  const side = Math.max(1, Math.round(width * 0.08));
  const low = Math.max(top, Math.round(height * 0.4));
  const sums = [0, 0, 0];
  let count = 0;
  for (let y = 0; y < low; y++) {
    for (let x = 0; x < width; x++) {
      // Below the top, only the two sides count.
      if (y >= top && x === side) x = Math.max(side, width - side);
      const at = (y * width + x) * 3;
      for (let channel = 0; channel < 3; channel++) sums[channel] = (sums[channel] ?? 0) + (data[at + channel] ?? 0);
      count++;
    }
  }
  const [red = 0, green = 0, blue = 0] = sums.map((sum) => sum / count);
  return { red, green, blue };
}

export interface Drift {
  /** The difference from the first frame in stops, positive if brighter. Computed from pixel values with a gamma of 2.2. */
  readonly exposure_ev: number;
  /** The change of colour: the larger change of red/green and blue/green. 0.1 is clearly visible. */
  readonly white_balance: number;
}

const driftLimits: Drift = { exposure_ev: 0.35, white_balance: 0.08 };

export function driftBetween(first: Light, now: Light): Drift {
  const safe = (value: number) => Math.max(1, value);
  const luma = ({ red, green, blue }: Light) => safe(0.299 * red + 0.587 * green + 0.114 * blue);
  const ratio = (value: number, { green }: Light) => safe(value) / safe(green);
  const change = (channel: 'red' | 'blue') => Math.abs(ratio(now[channel], now) / ratio(first[channel], first) - 1);
  return {
    exposure_ev: 2.2 * Math.log2(luma(now) / luma(first)),
    white_balance: Math.max(change('red'), change('blue')),
  };
}

export function isDrifted({ exposure_ev, white_balance }: Drift): boolean {
  return Math.abs(exposure_ev) > driftLimits.exposure_ev || white_balance > driftLimits.white_balance;
}
