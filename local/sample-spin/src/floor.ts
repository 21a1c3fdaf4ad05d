import { type Camera, cameraAt } from './camera.ts';
import { sample } from './car-finish.ts';
import type { GroundShadow } from './ground-shadow.ts';
import { drawText, type Texture } from './lettering.ts';
import { fifth, length2, smoothstep } from './mesh.ts';
import { randomBytes } from './random.ts';
import { toByte } from './tone.ts';

/** The car's reflection in the floor, at a fraction of the frame's size: red, green, blue (linear) and coverage. */
export interface Reflection {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

const tableRadius = 2.64;
const markSize = 2048;
const fleckSize = 1024;
const flecksPerMetre = 380;

/** The markings of the table and the relief of the floor, independent of the picture size. */
export interface FloorPattern {
  readonly marks: Texture;
  readonly flecks: Float32Array;
}

export function makeFloorPattern(marks: Texture, seed: number): FloorPattern {
  return { marks, flecks: makeFlecks(seed) };
}

/** The studio without the car: the floor with its cove and backdrop, and the turntable with its marks. */
export class Studio {
  readonly #still: Uint8Array;
  readonly #pattern: FloorPattern;
  readonly #width: number;
  readonly #height: number;

  constructor(pattern: FloorPattern, width: number, height: number) {
    this.#pattern = pattern;
    this.#width = width;
    this.#height = height;
    this.#still = this.#drawStill();
  }

  /** Copies everything that does not turn with the table into a frame. */
  copyTo(out: Uint8Array): void {
    out.set(this.#still);
  }

  /**
   * Draws the turntable with the car's shadow and reflection. Light, shadow and reflection are smooth, so they are computed
   * at every fourth pixel of a row and interpolated. Flecks and marks are looked up for each pixel.
   */
  drawTable(out: Uint8Array, camera: Camera, ground: GroundShadow, reflection: Reflection): void {
    const { eye, right, up, forward, focal } = camera;
    const reach = tableRadius * tableRadius;
    const here = new Float64Array(4);
    const next = new Float64Array(4);
    for (let row = 0; row < this.#height; row++) {
      const v = (this.#height / 2 - row - 0.5) / focal;
      const vz = forward[2] + v * up[2];
      if (vz >= 0) continue;
      // All spots of a row have the same depth, so x and y are linear along the row.
      const t = -eye[2] / vz;
      const stepX = (t * right[0]) / focal;
      const stepY = (t * right[1]) / focal;
      const startX = eye[0] + t * (forward[0] + v * up[0]) + (0.5 - this.#width / 2) * stepX;
      const startY = eye[1] + t * (forward[1] + v * up[1]) + (0.5 - this.#width / 2) * stepY;
      const middle = -(startX * stepX + startY * stepY) / (stepX * stepX + stepY * stepY);
      const nearest = (startX + middle * stepX) ** 2 + (startY + middle * stepY) ** 2;
      if (nearest >= reach) continue;
      const half = Math.sqrt((reach - nearest) / (stepX * stepX + stepY * stepY));
      const from = Math.max(0, Math.ceil(middle - half));
      const to = Math.min(this.#width - 1, Math.floor(middle + half));
      const footprint = Math.sqrt(stepX * stepX + stepY * stepY);
      const slant = -vz / length2(1, v);
      const mirror = 0.07 + 0.5 * fifth(1 - Math.min(1, slant));
      const reflectionRow = Math.min(reflection.height - 1.001, (row * reflection.height) / this.#height);
      const lightAt = (column: number, terms: Float64Array) => {
        const x = startX + column * stepX;
        const y = startY + column * stepY;
        const shadow = ground.at(x, y);
        terms[0] = (1 - mirror) * poolOfLight(x * x + y * y) * (0.06 + 0.94 * shadow * shadow);
        addReflection(
          terms,
          reflection,
          (column * reflection.width) / this.#width,
          reflectionRow,
          mirror,
          0.3 * shadow,
        );
      };
      lightAt(from, next);
      for (let span = from; span <= to; span += 4) {
        here.set(next);
        lightAt(span + 4, next);
        const end = Math.min(span + 3, to);
        const slope = ((next[0] as number) - (here[0] as number)) / 4;
        const slopeRed = ((next[1] as number) - (here[1] as number)) / 4;
        const slopeGreen = ((next[2] as number) - (here[2] as number)) / 4;
        const slopeBlue = ((next[3] as number) - (here[3] as number)) / 4;
        let lit = here[0] as number;
        let red = here[1] as number;
        let green = here[2] as number;
        let blue = here[3] as number;
        for (let column = span; column <= end; column++) {
          const x = startX + column * stepX;
          const y = startY + column * stepY;
          const squared = x * x + y * y;
          const base = lit * (squared < marksFrom ? 0.84 : this.#paint(x, y, squared)) * this.#fleck(x, y, 1.2);
          // Where the table's edge crosses a pixel, the background shows through.
          const share =
            squared < edgeFrom ? 1 : Math.min(1, Math.max(0, (tableRadius - Math.sqrt(squared)) / footprint));
          const at = (row * this.#width + column) * 3;
          out[at] = mix(out[at] as number, toByte(base * 0.985 + red), share);
          out[at + 1] = mix(out[at + 1] as number, toByte(base + green), share);
          out[at + 2] = mix(out[at + 2] as number, toByte(base * 1.02 + blue), share);
          lit += slope;
          red += slopeRed;
          green += slopeGreen;
          blue += slopeBlue;
        }
      }
    }
  }

  /** The albedo of the table's outer part: marks, digits and the ring. */
  #paint(x: number, y: number, squared: number): number {
    const column = (x / tableRadius + 1) * 0.5 * markSize;
    const row = (1 - y / tableRadius) * 0.5 * markSize;
    const albedo = 0.84 - 0.42 * sample(this.#pattern.marks, column, row);
    return squared > rimFrom ? albedo * rimTone(squared) : albedo;
  }

  #fleck(x: number, y: number, strength: number): number {
    const column = Math.floor(x * flecksPerMetre) & (fleckSize - 1);
    const row = Math.floor(y * flecksPerMetre) & (fleckSize - 1);
    return 1 + strength * (this.#pattern.flecks[row * fleckSize + column] as number);
  }

  #drawStill(): Uint8Array {
    const [width, height] = [this.#width, this.#height];
    const out = new Uint8Array(width * height * 3);
    const { eye, right, up, forward, focal } = cameraAt(-90, width, height);
    for (let row = 0; row < height; row++) {
      const v = (height / 2 - row - 0.5) / focal;
      const vy = forward[1] + v * up[1];
      const vz = forward[2] + v * up[2];
      const toFloor = vz < 0 ? -eye[2] / vz : Number.POSITIVE_INFINITY;
      // The cove: the floor curves up into the wall 5.5 m behind the centre of the table.
      const toWall = (wallY - eye[1]) / vy;
      const onFloor = toFloor < toWall;
      const t = Math.min(toFloor, toWall);
      const [y, z] = [eye[1] + t * vy, Math.max(0, eye[2] + t * vz)];
      const along = onFloor ? y : wallY + z;
      const share = smoothstep(2.2, wallY + 0.9, along);
      const strength = onFloor ? 1.1 * smoothstep(5, 1, y) : 0;
      for (let column = 0; column < width; column++) {
        const u = (column + 0.5 - width / 2) / focal;
        const x = eye[0] + t * u * right[0];
        let light = 0;
        if (share < 1) light += 0.8 * (1 - share) * poolOfLight(x * x + y * y * (y > 0 ? 0.8 : 1));
        if (share > 0) light += share * (0.56 * Math.exp(-(x * x) / 34 - ((z - 0.6) * (z - 0.6)) / 10) + 0.11);
        if (strength > 0) light *= this.#fleck(x + 40, y + 40, strength);
        const at = (row * width + column) * 3;
        out[at] = toByte(light * 0.97);
        out[at + 1] = toByte(light);
        out[at + 2] = toByte(light * (1.03 + 0.03 * share));
      }
    }
    return out;
  }
}

const wallY = 5.5;
const rimFrom = (tableRadius - 0.04) ** 2;
const marksFrom = (tableRadius - 0.36) ** 2;
const edgeFrom = (tableRadius - 0.01) ** 2;

/** Adds the reflection at a spot of the table: the car, or the room where there is no car. */
function addReflection(
  terms: Float64Array,
  { width, data }: Reflection,
  column: number,
  row: number,
  mirror: number,
  room: number,
): void {
  const c = Math.min(width - 1.001, column);
  const c0 = c | 0;
  const r0 = row | 0;
  const fx = c - c0;
  const fy = row - r0;
  const upper = (r0 * width + c0) * 4;
  const lower = upper + width * 4;
  const wa = (1 - fx) * (1 - fy);
  const wb = fx * (1 - fy);
  const wc = (1 - fx) * fy;
  const wd = fx * fy;
  const of = (channel: number) =>
    (data[upper + channel] as number) * wa +
    (data[upper + 4 + channel] as number) * wb +
    (data[lower + channel] as number) * wc +
    (data[lower + 4 + channel] as number) * wd;
  const rest = mirror * room * (1 - of(3));
  terms[1] = rest + mirror * 1.2 * of(0);
  terms[2] = rest + mirror * 1.2 * of(1);
  terms[3] = rest * 1.02 + mirror * 1.2 * of(2);
}

function mix(below: number, above: number, share: number): number {
  return share === 1 ? above : Math.round(below + (above - below) * share);
}

/** The light on the floor, by the squared distance from the table's centre. */
function poolOfLight(squared: number): number {
  return 0.7 / (1 + squared * 0.03) + 0.05;
}

/** The steel ring around the table and the dark gap outside it. */
function rimTone(squared: number): number {
  const radius = Math.sqrt(squared);
  const ring = smoothstep(tableRadius - 0.04, tableRadius - 0.038, radius);
  const gap = smoothstep(tableRadius - 0.012, tableRadius - 0.01, radius);
  return 1 - 0.3 * ring * (1 - gap) - 0.8 * gap;
}

/** Ticks every 5 degrees, longer ones every 15, the longest every 90, and numbers every 45. */
export function drawMarks(): Texture {
  const texture = { width: markSize, height: markSize, data: new Float32Array(markSize * markSize) };
  const perMetre = markSize / 2 / tableRadius;
  for (let row = 0; row < markSize; row++) {
    for (let column = 0; column < markSize; column++) {
      const x = (column + 0.5) / perMetre - tableRadius;
      const y = (row + 0.5) / perMetre - tableRadius;
      if (x * x + y * y < marksFrom) continue;
      const radius = length2(x, y);
      const degrees = (Math.atan2(y, x) * 180) / Math.PI;
      const tick = (every: number, inner: number, half: number) => {
        const off = Math.abs(degrees - every * Math.round(degrees / every)) * (Math.PI / 180) * radius;
        return radius > inner && radius < tableRadius - 0.055 ? smoothstep(half + 0.0015, half - 0.0015, off) : 0;
      };
      const value = Math.max(
        tick(5, tableRadius - 0.1, 0.004),
        tick(15, tableRadius - 0.16, 0.006),
        tick(90, tableRadius - 0.26, 0.01),
      );
      texture.data[row * markSize + column] = value;
    }
  }
  for (let degrees = 0; degrees < 360; degrees += 45) {
    const angle = (degrees * Math.PI) / 180;
    drawText(texture, {
      text: String(degrees),
      // Rows run opposite to y, because the digits would be mirrored otherwise. Numbers are placed beside the long ticks.
      x: (tableRadius + (tableRadius - 0.25) * Math.cos(angle + (degrees % 90 ? 0 : 0.06))) * perMetre,
      y: (tableRadius - (tableRadius - 0.25) * Math.sin(angle + (degrees % 90 ? 0 : 0.06))) * perMetre,
      height: 0.11 * perMetre,
      stroke: 0.016 * perMetre,
      // Readable from outside the table: the bottom of a digit points outwards.
      turn: -Math.PI / 2 - angle,
    });
  }
  return texture;
}

/** The relief of a polished, speckled floor: mostly fine grain, with a few light or dark chips. */
function makeFlecks(seed: number): Float32Array {
  const bytes = randomBytes(seed, fleckSize * fleckSize);
  const flecks = new Float32Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) {
    const value = bytes[i] as number;
    flecks[i] = ((value & 63) / 63 - 0.5) * 0.1 + (value > 250 ? 0.16 : value < 6 ? -0.2 : 0);
  }
  return flecks;
}
