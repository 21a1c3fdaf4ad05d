import { cameraAt } from './camera.ts';
import { buildCar } from './car.ts';
import { CarPainter } from './car-painter.ts';
import { CarShading } from './car-shading.ts';
import { drawMarks, type FloorPattern, makeFloorPattern, type Reflection, Studio } from './floor.ts';
import { Grain } from './grain.ts';
import { GroundShadow } from './ground-shadow.ts';
import type { Texture } from './lettering.ts';
import type { Mesh } from './mesh.ts';
import { makeStudioLight, type StudioLight } from './studio-light.ts';
import { samples, Visibility } from './visibility.ts';

const bandRows = 32;
const reflectionScale = 6;

/** The parts of a scene that do not depend on size or seed. */
interface Props {
  readonly car: Mesh;
  /** A coarse car for its blurred reflection in the table. */
  readonly carInTable: Mesh;
  readonly light: StudioLight;
  readonly ground: GroundShadow;
  readonly marks: Texture;
}

/** The parts of a picture that do not depend on its size. */
export interface Scene extends Props {
  readonly seed: number;
  readonly floor: FloorPattern;
  readonly grain: Grain;
}

/** Cached, because building the props takes longer than drawing a small frame. */
let props: Props | undefined;

export function makeScene(seed: number): Scene {
  props ??= {
    car: buildCar(1),
    carInTable: buildCar(0.5),
    light: makeStudioLight(),
    ground: new GroundShadow(buildCar(0.25)),
    marks: drawMarks(),
  };
  return { ...props, seed, floor: makeFloorPattern(props.marks, seed), grain: new Grain(seed) };
}

/** Draws frames of one size. Draws the static parts only once and keeps them. Takes about 150 MB at 12 megapixels. */
export class FrameRenderer {
  readonly width: number;
  readonly height: number;
  readonly #scene: Scene;
  readonly #studio: Studio;
  readonly #painter: CarPainter;
  readonly #mirrorVisibility: Visibility;
  readonly #mirrorShading: CarShading;

  constructor(scene: Scene, width: number, height: number) {
    this.width = width;
    this.height = height;
    this.#scene = scene;
    const { car, carInTable, light, ground, floor } = scene;
    this.#studio = new Studio(floor, width, height);
    this.#painter = new CarPainter(car, light, ground, width, height);
    this.#mirrorVisibility = new Visibility(carInTable, reflectionSize(width), reflectionSize(height), bandRows);
    this.#mirrorShading = new CarShading(carInTable, this.#mirrorVisibility, light, ground);
  }

  /** Draws a frame without grain as 8-bit RGB, row by row. */
  draw(angleDeg: number): Buffer {
    const pixels = Buffer.allocUnsafe(this.width * this.height * 3);
    const camera = cameraAt(angleDeg, this.width, this.height);
    this.#studio.copyTo(pixels);
    this.#studio.drawTable(pixels, camera, this.#scene.ground, this.#drawReflection(angleDeg));
    this.#painter.paint(pixels, camera);
    return pixels;
  }

  /** Draws the car's reflection in the table: small, because it is blurred, and weaker for higher spots. */
  #drawReflection(angleDeg: number): Reflection {
    const [width, height] = [reflectionSize(this.width), reflectionSize(this.height)];
    const camera = cameraAt(angleDeg, width, height);
    const [visibility, shading] = [this.#mirrorVisibility, this.#mirrorShading];
    const data = new Float32Array(width * height * 4);
    visibility.project(camera, true);
    const { firstRow, lastRow, firstColumn, lastColumn, ids } = visibility;
    for (let start = firstRow; start <= lastRow; start += bandRows) {
      visibility.drawBand(start);
      const rows = Math.min(bandRows, height - start);
      for (let row = 0; row < rows; row++) {
        for (let column = firstColumn; column <= lastColumn; column++) {
          const id = ids[(row * 4 + 1) * width + column] as number;
          if (id < 0) continue;
          shading.shade(camera, id, column + samples[1].x, start + row + samples[1].y, true);
          const clear = Math.exp(-1.3 * Math.max(0, shading.z));
          data.set(
            [shading.red * clear, shading.green * clear, shading.blue * clear, clear],
            ((start + row) * width + column) * 4,
          );
        }
      }
    }
    const radius = Math.max(1, Math.round(width / 500));
    return { width, height, data: blurDown(blurAcross(data, width, height, radius), width, height, radius * 2) };
  }
}

function reflectionSize(size: number): number {
  return Math.max(8, Math.ceil(size / reflectionScale));
}

function blurAcross(data: Float32Array, width: number, height: number, radius: number): Float32Array {
  const out = new Float32Array(data.length);
  for (let row = 0; row < height; row++) blurLine(data, out, row * width * 4, 4, width, radius);
  return out;
}

function blurDown(data: Float32Array, width: number, height: number, radius: number): Float32Array {
  const out = new Float32Array(data.length);
  for (let column = 0; column < width; column++) blurLine(data, out, column * 4, width * 4, height, radius);
  return out;
}

/** A running mean over `2 * radius + 1` pixels of four channels. */
function blurLine(
  data: Float32Array,
  out: Float32Array,
  from: number,
  stride: number,
  count: number,
  radius: number,
): void {
  const span = 2 * radius + 1;
  for (let channel = 0; channel < 4; channel++) {
    let sum = 0;
    for (let i = -radius; i < count; i++) {
      const entering = i + radius;
      if (entering < count) sum += data[from + entering * stride + channel] as number;
      const leaving = i - radius - 1;
      if (leaving >= 0) sum -= data[from + leaving * stride + channel] as number;
      if (i >= 0) out[from + i * stride + channel] = Math.max(0, sum / span);
    }
  }
}
