import type { Camera } from './camera.ts';
import { CarShading } from './car-shading.ts';
import type { GroundShadow } from './ground-shadow.ts';
import type { Mesh } from './mesh.ts';
import type { StudioLight } from './studio-light.ts';
import { toByte } from './tone.ts';
import { samples, Visibility } from './visibility.ts';

/** Even, so that the pattern of sampled pixels is the same in every band. */
const bandRows = 32;

/** Pixel states: outside the car, on the border of a part, or inside one part (its number plus `inside`). */
const empty = 0;
const border = 1;
const inside = 2;

/** If the channels of two neighbours differ by at most this in total, there is no sharp detail between them. */
const alike = 7;

/**
 * Paints the car over a frame. Border pixels get four samples. Inside a part, every second pixel of every second row is
 * shaded first. The others are shaded only if their neighbours differ or a thin line is near, and interpolated otherwise.
 * This saves half of the time.
 */
export class CarPainter {
  readonly #width: number;
  readonly #height: number;
  readonly #parts: Uint8Array;
  readonly #visibility: Visibility;
  readonly #shading: CarShading;
  readonly #states: Uint8Array;

  constructor(car: Mesh, light: StudioLight, ground: GroundShadow, width: number, height: number) {
    this.#width = width;
    this.#height = height;
    this.#parts = car.parts;
    this.#visibility = new Visibility(car, width, height, bandRows);
    this.#shading = new CarShading(car, this.#visibility, light, ground);
    this.#states = new Uint8Array(width * bandRows);
  }

  paint(pixels: Uint8Array, camera: Camera): void {
    const visibility = this.#visibility;
    visibility.project(camera);
    for (let start = visibility.firstRow; start <= visibility.lastRow; start += bandRows) {
      visibility.drawBand(start);
      const rows = Math.min(bandRows, this.#height - start);
      this.#classify(rows);
      for (let row = 0; row < rows; row += 2) this.#paintEven(pixels, camera, start, row);
      for (let row = 1; row < rows; row += 2) this.#paintOdd(pixels, camera, start, row, row + 1 < rows);
    }
  }

  #classify(rows: number): void {
    const { firstColumn, lastColumn, ids } = this.#visibility;
    const width = this.#width;
    const parts = this.#parts;
    for (let row = 0; row < rows; row++) {
      for (let column = firstColumn; column <= lastColumn; column++) {
        const line = row * 4 * width + column;
        const a = ids[line] as number;
        const b = ids[line + width] as number;
        const c = ids[line + 2 * width] as number;
        const d = ids[line + 3 * width] as number;
        let state = border;
        if ((a & b & c & d) < 0) {
          // Negative only if all four are -1.
          state = empty;
        } else if ((a | b | c | d) >= 0) {
          const of = parts[a] as number;
          const one = a === b && b === c && c === d;
          if (one || (of === parts[b] && of === parts[c] && of === parts[d] && this.#visibility.level(line)))
            state = inside + of;
        }
        this.#states[row * width + column] = state;
      }
    }
  }

  #paintEven(pixels: Uint8Array, camera: Camera, start: number, row: number): void {
    const { firstColumn, lastColumn } = this.#visibility;
    const line = row * this.#width;
    const states = this.#states;
    for (let column = firstColumn; column <= lastColumn; column += 2)
      this.#shadePixel(pixels, camera, start, row, column);
    for (let column = firstColumn + 1; column <= lastColumn; column += 2) {
      const state = states[line + column] as number;
      const at = ((start + row) * this.#width + column) * 3;
      const between =
        state >= inside &&
        column < lastColumn &&
        state === states[line + column - 1] &&
        state === states[line + column + 1];
      if (!(between && mean(pixels, at, at - 3, at + 3))) this.#shadePixel(pixels, camera, start, row, column);
    }
  }

  #paintOdd(pixels: Uint8Array, camera: Camera, start: number, row: number, hasNext: boolean): void {
    const { firstColumn, lastColumn } = this.#visibility;
    const width = this.#width;
    const line = row * width;
    const states = this.#states;
    for (let column = firstColumn; column <= lastColumn; column++) {
      const state = states[line + column] as number;
      const at = ((start + row) * width + column) * 3;
      const between =
        hasNext &&
        state >= inside &&
        state === states[line + column - width] &&
        state === states[line + column + width];
      if (!(between && mean(pixels, at, at - width * 3, at + width * 3)))
        this.#shadePixel(pixels, camera, start, row, column);
    }
  }

  #shadePixel(pixels: Uint8Array, camera: Camera, start: number, row: number, column: number): void {
    const width = this.#width;
    const state = this.#states[row * width + column] as number;
    if (state === empty) return;
    const ids = this.#visibility.ids;
    const shading = this.#shading;
    const y = start + row;
    const at = (y * width + column) * 3;
    const line = row * 4 * width + column;
    if (state >= inside) {
      // Any of the four triangles can be used for the pixel's centre, because the surface is smooth across them.
      shading.shade(camera, ids[line + width] as number, column + 0.5, y + 0.5, false);
      if (shading.fine) this.#states[row * width + column] = border;
      pixels[at] = toByte(shading.red);
      pixels[at + 1] = toByte(shading.green);
      pixels[at + 2] = toByte(shading.blue);
      return;
    }
    let red = 0;
    let green = 0;
    let blue = 0;
    for (let s = 0; s < 4; s++) {
      const id = ids[line + s * width] as number;
      if (id < 0) {
        red += pixels[at] as number;
        green += pixels[at + 1] as number;
        blue += pixels[at + 2] as number;
        continue;
      }
      const sample = samples[s as 0 | 1 | 2 | 3];
      shading.shade(camera, id, column + sample.x, y + sample.y, false);
      red += toByte(shading.red);
      green += toByte(shading.green);
      blue += toByte(shading.blue);
    }
    pixels[at] = (red + 2) >> 2;
    pixels[at + 1] = (green + 2) >> 2;
    pixels[at + 2] = (blue + 2) >> 2;
  }
}

/** Sets the pixel at `at` to the mean of two others if they are similar. @returns false if they are not */
function mean(pixels: Uint8Array, at: number, one: number, other: number): boolean {
  const r1 = pixels[one] as number;
  const g1 = pixels[one + 1] as number;
  const b1 = pixels[one + 2] as number;
  const r2 = pixels[other] as number;
  const g2 = pixels[other + 1] as number;
  const b2 = pixels[other + 2] as number;
  if (Math.abs(r1 - r2) + Math.abs(g1 - g2) + Math.abs(b1 - b2) > alike) return false;
  pixels[at] = (r1 + r2 + 1) >> 1;
  pixels[at + 1] = (g1 + g2 + 1) >> 1;
  pixels[at + 2] = (b1 + b2 + 1) >> 1;
  return true;
}
