import { smoothstep } from './mesh.ts';

/**
 * The light of the studio from all directions, in studio coordinates: the camera is at -y, the backdrop at +y, z is up.
 * One number per direction (the lamps are neutral), stored as an octahedral map.
 */
class LightMap {
  readonly #size: number;
  readonly #data: Float32Array;

  constructor(size: number, radiance: (x: number, y: number, z: number) => number) {
    this.#size = size;
    this.#data = new Float32Array(size * size);
    for (let row = 0; row < size; row++) {
      for (let column = 0; column < size; column++) {
        const [x, y, z] = unfold((column / (size - 1)) * 2 - 1, (row / (size - 1)) * 2 - 1);
        this.#data[row * size + column] = radiance(x, y, z);
      }
    }
  }

  /** The radiance from a direction. The vector may have any length. */
  at(x: number, y: number, z: number): number {
    const scale = 1 / (Math.abs(x) + Math.abs(y) + Math.abs(z));
    let u = x * scale;
    let v = y * scale;
    if (z < 0) {
      const folded = (1 - Math.abs(v)) * (u < 0 ? -1 : 1);
      v = (1 - Math.abs(u)) * (v < 0 ? -1 : 1);
      u = folded;
    }
    const size = this.#size;
    const column = (u * 0.5 + 0.5) * (size - 1);
    const row = (v * 0.5 + 0.5) * (size - 1);
    const c0 = Math.min(column | 0, size - 2);
    const r0 = Math.min(row | 0, size - 2);
    const fx = column - c0;
    const at = r0 * size + c0;
    const data = this.#data;
    const upper = (data[at] as number) * (1 - fx) + (data[at + 1] as number) * fx;
    const lower = (data[at + size] as number) * (1 - fx) + (data[at + size + 1] as number) * fx;
    return upper + (lower - upper) * (row - r0);
  }
}

export interface StudioLight {
  /** The light in a mirror reflection. */
  readonly sharp: LightMap;
  /** The light in the reflection of a brushed or metallic surface: blurred by about 20 degrees. */
  readonly soft: LightMap;
  /** The light that a matt surface with this normal receives. */
  readonly diffuse: LightMap;
}

export function makeStudioLight(): StudioLight {
  const sharp = new LightMap(640, radiance);
  const coarse: { x: number; y: number; z: number; value: number }[] = [];
  // Evenly distributed points on the sphere, by the golden angle.
  const count = 1000;
  for (let i = 0; i < count; i++) {
    const z = 1 - (2 * (i + 0.5)) / count;
    const ring = Math.sqrt(1 - z * z);
    const angle = i * 2.399963229728653;
    const [x, y] = [ring * Math.cos(angle), ring * Math.sin(angle)];
    coarse.push({ x, y, z, value: radiance(x, y, z) });
  }
  const gather = (weigh: (cosine: number) => number) => (x: number, y: number, z: number) => {
    let sum = 0;
    let weights = 0;
    for (const point of coarse) {
      const cosine = x * point.x + y * point.y + z * point.z;
      if (cosine <= 0) continue;
      const weight = weigh(cosine);
      sum += weight * point.value;
      weights += weight;
    }
    return sum / weights;
  };
  return {
    sharp,
    soft: new LightMap(48, gather(lobe)),
    diffuse: new LightMap(
      24,
      gather((cosine) => cosine),
    ),
  };
}

function radiance(x: number, y: number, z: number): number {
  if (z < 0) return 0.28 + 0.1 * smoothstep(-0.5, 0, z);
  // The cyclorama: bright behind the car, darker to the sides and upwards. The camera's side of the room is dark.
  const towardsWall = smoothstep(-0.6, 0.8, y);
  let light = (0.06 + 0.42 * towardsWall) * (1 - 0.75 * smoothstep(0, 0.75, z)) + 0.03;
  if (z > 0.05) {
    // Lamps hang in the plane 3 m above the car's waist.
    const [px, py] = [(x / z) * 3, (y / z) * 3];
    const main = box(px, 3.3, 0.35) * box(py, 1.25, 0.25);
    light += main * (2.7 + 0.8 * (1 - Math.min(1, Math.abs(py) / 1.25)));
    light += 2.4 * box(px, 3.6, 0.3) * box(Math.abs(py) - 2.7, 0.38, 0.12);
  }
  if (Math.abs(x) > 0.15) {
    // Upright soft boxes at both sides, 5 m away.
    const [py, pz] = [(y / Math.abs(x)) * 5, (z / Math.abs(x)) * 5];
    light += 2.1 * box(py + 0.4, 1.5, 0.3) * box(pz - 1.5, 1.15, 0.25);
  }
  if (y < -0.15) {
    // A wide, weak soft box above the camera fills the shadows.
    const [px, pz] = [(x / -y) * 6, (z / -y) * 6];
    light += 0.75 * box(px, 3.4, 0.5) * box(pz - 2.2, 0.75, 0.3);
  }
  return light;
}

/** cosine^24, which drops to half at 14 degrees. */
function lobe(cosine: number): number {
  const eighth = cosine ** 2 * cosine ** 2 * cosine ** 2 * cosine ** 2;
  return eighth * eighth * eighth;
}

/** 1 within `half` of the centre, 0 outside, with a soft edge. */
function box(position: number, half: number, softness: number): number {
  return 1 - smoothstep(half - softness, half + softness, Math.abs(position));
}

function unfold(u: number, v: number): [number, number, number] {
  const z = 1 - Math.abs(u) - Math.abs(v);
  if (z >= 0) return norm(u, v, z);
  return norm((1 - Math.abs(v)) * (u < 0 ? -1 : 1), (1 - Math.abs(u)) * (v < 0 ? -1 : 1), z);
}

function norm(x: number, y: number, z: number): [number, number, number] {
  const length = Math.hypot(x, y, z);
  return [x / length, y / length, z / length];
}
