import type { Mesh } from './mesh.ts';

/** The share (0 to 1) of the light from above that reaches each point of the floor around the car. Turns with the car. */
export class GroundShadow {
  static readonly halfX = 3;
  static readonly halfY = 2.25;
  readonly #columns = 320;
  readonly #rows = 240;
  readonly #light: Float32Array;

  constructor(mesh: Mesh) {
    this.#light = this.#castAll(mesh);
  }

  at(x: number, y: number): number {
    const column = (x / GroundShadow.halfX + 1) * 0.5 * this.#columns - 0.5;
    const row = (y / GroundShadow.halfY + 1) * 0.5 * this.#rows - 0.5;
    if (!(column >= 0 && row >= 0 && column < this.#columns - 1 && row < this.#rows - 1)) return 1;
    const c0 = column | 0;
    const r0 = row | 0;
    const fx = column - c0;
    const at = r0 * this.#columns + c0;
    const data = this.#light;
    const near = (data[at] as number) * (1 - fx) + (data[at + 1] as number) * fx;
    const far = (data[at + this.#columns] as number) * (1 - fx) + (data[at + this.#columns + 1] as number) * fx;
    return near + (far - near) * (row - r0);
  }

  /** The mean of hard shadows from lamps all over the ceiling. Independent of the angle of the table. */
  #castAll(mesh: Mesh): Float32Array {
    const directions = 56;
    const size = this.#columns * this.#rows;
    const hits = new Float32Array(size);
    const stamp = new Uint8Array(size);
    for (let i = 0; i < directions; i++) {
      // Denser towards the zenith than an overcast sky, because the main lamp hangs there.
      const spread = 1.5 * Math.sqrt((i + 0.5) / directions);
      const angle = i * 2.399963229728653;
      stamp.fill(0);
      this.#castOne(mesh, spread * Math.cos(angle), spread * Math.sin(angle), stamp);
      for (let k = 0; k < size; k++) hits[k] = (hits[k] as number) + (stamp[k] as number);
    }
    const light = hits.map((count) => 1 - count / directions);
    return this.#blurred(this.#blurred(light));
  }

  #castOne(mesh: Mesh, slopeX: number, slopeY: number, stamp: Uint8Array): void {
    const { positions, triangles } = mesh;
    const columnOf = (v: number) =>
      ((((positions[v * 3] as number) + slopeX * (positions[v * 3 + 2] as number)) / GroundShadow.halfX + 1) / 2) *
      this.#columns;
    const rowOf = (v: number) =>
      ((((positions[v * 3 + 1] as number) + slopeY * (positions[v * 3 + 2] as number)) / GroundShadow.halfY + 1) / 2) *
      this.#rows;
    for (let i = 0; i < triangles.length; i += 3) {
      const [a, b, c] = [triangles[i] as number, triangles[i + 1] as number, triangles[i + 2] as number];
      const [ax, ay, bx, by, cx, cy] = [columnOf(a), rowOf(a), columnOf(b), rowOf(b), columnOf(c), rowOf(c)];
      const area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay);
      if (area === 0) continue;
      const x0 = Math.max(0, Math.floor(Math.min(ax, bx, cx)));
      const x1 = Math.min(this.#columns - 1, Math.floor(Math.max(ax, bx, cx)));
      const y0 = Math.max(0, Math.floor(Math.min(ay, by, cy)));
      const y1 = Math.min(this.#rows - 1, Math.floor(Math.max(ay, by, cy)));
      for (let y = y0; y <= y1; y++) {
        for (let x = x0; x <= x1; x++) {
          const [px, py] = [x + 0.5, y + 0.5];
          const wa = ((bx - px) * (cy - py) - (cx - px) * (by - py)) / area;
          const wb = ((cx - px) * (ay - py) - (ax - px) * (cy - py)) / area;
          if (wa >= -0.02 && wb >= -0.02 && wa + wb <= 1.02) stamp[y * this.#columns + x] = 1;
        }
      }
    }
  }

  #blurred(light: Float32Array): Float32Array {
    const out = new Float32Array(light.length);
    for (let y = 0; y < this.#rows; y++) {
      for (let x = 0; x < this.#columns; x++) {
        let sum = 0;
        for (let dy = -1; dy <= 1; dy++) {
          const row = Math.min(this.#rows - 1, Math.max(0, y + dy)) * this.#columns;
          for (let dx = -1; dx <= 1; dx++) {
            sum += light[row + Math.min(this.#columns - 1, Math.max(0, x + dx))] as number;
          }
        }
        out[y * this.#columns + x] = sum / 9;
      }
    }
    return out;
  }
}
