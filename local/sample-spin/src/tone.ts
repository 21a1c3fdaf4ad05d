const steps = 4096;
const brightest = 3;
const table = makeTable();

/** Converts linear light (1 is white paper in full light) to the 8-bit value of a developed photo. */
export function toByte(light: number): number {
  const index = (light * (steps / brightest)) | 0;
  return table[index < 0 ? 0 : index >= steps ? steps - 1 : index] as number;
}

/** A film-like tone curve: highlights stay below pure white and blacks are slightly lifted. Then sRGB. */
function makeTable(): Uint8Array {
  const out = new Uint8Array(steps);
  for (let i = 0; i < steps; i++) {
    const light = ((i + 0.5) / steps) * brightest;
    const shouldered = light < 0.5 ? light : 0.5 + 0.46 * (1 - Math.exp(-(light - 0.5) / 0.46));
    const lifted = 0.0035 + 0.9965 * shouldered;
    const encoded = lifted <= 0.0031308 ? 12.92 * lifted : 1.055 * lifted ** (1 / 2.4) - 0.055;
    out[i] = Math.round(255 * Math.min(0.985, encoded));
  }
  return out;
}
