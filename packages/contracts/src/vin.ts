import { z } from 'zod';

/** ISO 3779: 17 characters, no I, O or Q. */
export const Vin = z
  .string()
  .trim()
  .toUpperCase()
  .regex(/^[A-HJ-NPR-Z0-9]{17}$/, 'a VIN has 17 characters: digits and letters without I, O and Q');

/** Something about a vehicle that a person should check. Nothing is refused because of it. */
export const VehicleWarning = z.object({ code: z.enum(['vin_check_digit']), message: z.string() });
export type VehicleWarning = z.output<typeof VehicleWarning>;

/** Values of the letters and weights of the 17 positions, from 49 CFR 565.15(c) (tables III and IV). */
const letterValues: Readonly<Record<string, number>> = {
  ...{ A: 1, B: 2, C: 3, D: 4, E: 5, F: 6, G: 7, H: 8 },
  ...{ J: 1, K: 2, L: 3, M: 4, N: 5, P: 7, R: 9 },
  ...{ S: 2, T: 3, U: 4, V: 5, W: 6, X: 7, Y: 8, Z: 9 },
};
const weights = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];

/**
 * The character that position 9 of a VIN must have in North America: the weighted sum of all positions modulo 11, with X
 * for 10 (49 CFR 565.15(c)).
 */
export function vinCheckDigit(vin: string): string {
  const sum = [...vin].reduce((total, c, k) => total + (letterValues[c] ?? Number(c)) * (weights[k] ?? 0), 0);
  return sum % 11 === 10 ? 'X' : String(sum % 11);
}

/**
 * What is unusual about a VIN. Only North America (ISO 3780: first character 1 to 5) requires the check digit; elsewhere
 * position 9 means something else.
 */
export function vinWarnings(vin: string | null): VehicleWarning[] {
  if (vin === null || !/^[1-5]/.test(vin)) return [];
  const due = vinCheckDigit(vin);
  if (vin[8] === due) return [];
  const message = `The 9th character of this VIN is ${vin[8]}, but the other characters require ${due}. Compare it with the car.`;
  return [{ code: 'vin_check_digit', message }];
}
