import { Vin } from '@spinbay/contracts';

/** The VIN that a barcode contains, or null. The check digit does not matter: Europe has none. */
export function vinOfCode(text: string): string | null {
  const cleaned = text.trim().toUpperCase();
  // Some stickers put the letter I for "import" before the VIN, which itself never contains it.
  const vin = Vin.safeParse(cleaned.length === 18 && cleaned.startsWith('I') ? cleaned.slice(1) : cleaned);
  return vin.success ? vin.data : null;
}

export interface VinScan {
  /** The VIN of the last picture. */
  readonly seen: string | null;
  /** The VIN that was read twice. */
  readonly vin: string | null;
  /** A code that is not a VIN. */
  readonly other: string | null;
}

/** A QR code can contain thousands of characters. */
const shownAtMost = 40;

export const startScan: VinScan = { seen: null, vin: null, other: null };

/** Code 39 has no check character, so a VIN counts after two equal readings in a row. Ignores pictures without a code. */
export function scanCodes(scan: VinScan, texts: readonly string[]): VinScan {
  if (texts.length === 0) return scan;
  const vins = texts.map(vinOfCode).filter((vin) => vin !== null);
  const [first = null] = vins;
  if (first === null) return { seen: null, vin: null, other: texts[0]?.trim().slice(0, shownAtMost) ?? null };
  const again = vins.find((vin) => vin === scan.seen);
  return { seen: again ?? first, vin: again ?? null, other: null };
}
