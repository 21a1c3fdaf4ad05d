// Simulates faults of a photo on a sharp one: pixels in, pixels out.
import { loadImaging } from './load-imaging.mjs';

const { sharp } = await loadImaging();

function raw({ width, height }) {
  return { raw: { width, height, channels: 3 } };
}

/** Out of focus: a Gaussian with this standard deviation in pixels. */
export async function blur(picture, sigma) {
  // Below this, sharp uses a special kernel that hardly blurs.
  if (sigma < 0.3) return picture;
  return { ...picture, data: await sharp(picture.data, raw(picture)).blur(sigma).raw().toBuffer() };
}

/** The camera or the car moved by this many pixels, horizontally or vertically, while the shutter was open. */
export async function motion(picture, length, upAndDown = false) {
  const whole = Math.max(1, Math.ceil((length - 1) / 2));
  // The pixels at both ends count proportionally.
  const end = Math.max(0, (length - (2 * whole - 1)) / 2);
  const size = 2 * whole + 1;
  const line = Array.from({ length: size }, (_, i) => (i === 0 || i === size - 1 ? Math.min(1, end) : 1));
  // libvips works best with integers.
  const weights = line.map((weight) => Math.round(weight * 16));
  const kernel = Array(size * 3).fill(0);
  for (const [i, weight] of weights.entries()) kernel[upAndDown ? i * 3 + 1 : size + i] = weight;
  const shape = upAndDown ? { width: 3, height: size } : { width: size, height: 3 };
  const scale = weights.reduce((sum, weight) => sum + weight, 0);
  const data = await sharp(picture.data, raw(picture))
    .convolve({ ...shape, kernel, scale })
    .raw()
    .toBuffer();
  return { ...picture, data };
}

/** Sensor noise with this standard deviation, the same in every run. */
export function noisy(picture, deviation) {
  let state = 1;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  // The sum of four uniform numbers has a variance of 4/12.
  const factor = deviation * Math.sqrt(3);
  const data = picture.data.map((value) => {
    const changed = value + factor * (random() + random() + random() + random() - 2);
    return changed < 0 ? 0 : changed > 255 ? 255 : Math.round(changed);
  });
  return { ...picture, data };
}
