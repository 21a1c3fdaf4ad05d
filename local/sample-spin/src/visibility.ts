import type { Camera } from './camera.ts';
import type { Mesh } from './mesh.ts';

/** Four samples per pixel on a rotated grid. Each has its own row and column, which smooths nearly horizontal edges best. */
export const samples = [
  { x: 0.375, y: 0.125 },
  { x: 0.875, y: 0.375 },
  { x: 0.125, y: 0.625 },
  { x: 0.625, y: 0.875 },
] as const;

/**
 * The number of values per triangle: base, dx and dy of five plane equations v(x, y) = base + x * dx + y * dy in pixels.
 * They give 1/depth, the three components of the normal, and the parameter.
 */
export const planeStride = 15;

/** The visible triangles of a mesh from one camera, with a depth buffer for a band of rows. */
export class Visibility {
  /** The plane equations of every potentially visible triangle, with `planeStride` floats each. */
  readonly planes: Float32Array;
  /** The ranges of rows and columns (both inclusive) that the mesh can cover. */
  firstRow = 0;
  lastRow = -1;
  firstColumn = 0;
  lastColumn = -1;
  /** The triangle visible at sample s of pixel (column, row) of the band, or -1, at index (row * 4 + s) * width + column. */
  readonly ids: Int32Array;
  readonly #depths: Float32Array;
  readonly #width: number;
  readonly #height: number;
  readonly #bandRows: number;
  readonly #mesh: Mesh;
  readonly #screen: Float32Array;
  readonly #corners: Float32Array;
  #order: Uint32Array = new Uint32Array(0);
  #next = 0;
  #active: number[] = [];

  constructor(mesh: Mesh, width: number, height: number, bandRows: number) {
    this.#mesh = mesh;
    this.#width = width;
    this.#height = height;
    this.#bandRows = bandRows;
    this.planes = new Float32Array((mesh.triangles.length / 3) * planeStride);
    this.#corners = new Float32Array((mesh.triangles.length / 3) * 6);
    this.#screen = new Float32Array((mesh.positions.length / 3) * 4);
    this.ids = new Int32Array(width * bandRows * samples.length);
    this.#depths = new Float32Array(width * bandRows * samples.length);
  }

  /** Projects the mesh, or its reflection below the floor if `mirrored`. Draw the bands from top to bottom afterwards. */
  project(camera: Camera, mirrored = false): void {
    const { positions, normals, params, triangles } = this.#mesh;
    const { eye, right, up, forward, focal } = camera;
    const flip = mirrored ? -1 : 1;
    const screen = this.#screen;
    for (let v = 0, p = 0; p < positions.length; v += 4, p += 3) {
      const x = (positions[p] as number) - eye[0];
      const y = (positions[p + 1] as number) - eye[1];
      const z = flip * (positions[p + 2] as number) - eye[2];
      const depth = x * forward[0] + y * forward[1] + z * forward[2];
      screen[v] = camera.width / 2 + (focal * (x * right[0] + y * right[1] + z * right[2])) / depth;
      screen[v + 1] = camera.height / 2 - (focal * (x * up[0] + y * up[1] + z * up[2])) / depth;
      screen[v + 2] = 1 / depth;
      // Positive if the surface faces away from the eye.
      screen[v + 3] =
        ((normals[p] as number) * x + (normals[p + 1] as number) * y + flip * (normals[p + 2] as number) * z) / depth;
    }
    const seen: number[] = [];
    const starts: number[] = [];
    this.firstRow = this.#height;
    this.lastRow = -1;
    this.firstColumn = this.#width;
    this.lastColumn = -1;
    for (let t = 0, i = 0; i < triangles.length; t++, i += 3) {
      const [a, b, c] = [triangles[i] as number, triangles[i + 1] as number, triangles[i + 2] as number];
      const [sa, sb, sc] = [a * 4, b * 4, c * 4];
      if ((screen[sa + 3] as number) > 0.1 && (screen[sb + 3] as number) > 0.1 && (screen[sc + 3] as number) > 0.1)
        continue;
      const [ax, ay] = [screen[sa] as number, screen[sa + 1] as number];
      const [bx, by] = [screen[sb] as number, screen[sb + 1] as number];
      const [cx, cy] = [screen[sc] as number, screen[sc + 1] as number];
      const area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay);
      const low = Math.min(ay, by, cy);
      const high = Math.max(ay, by, cy);
      if (Math.abs(area) < 1e-9 || high < 0 || low >= this.#height) continue;
      this.#corners.set([ax, ay, bx, by, cx, cy], t * 6);
      const gx = (va: number, vb: number, vc: number) => ((vb - va) * (cy - ay) - (vc - va) * (by - ay)) / area;
      const gy = (va: number, vb: number, vc: number) => ((vc - va) * (bx - ax) - (vb - va) * (cx - ax)) / area;
      let at = t * planeStride;
      const plane = (va: number, vb: number, vc: number) => {
        const dx = gx(va, vb, vc);
        const dy = gy(va, vb, vc);
        this.planes[at++] = va - ax * dx - ay * dy;
        this.planes[at++] = dx;
        this.planes[at++] = dy;
      };
      plane(screen[sa + 2] as number, screen[sb + 2] as number, screen[sc + 2] as number);
      for (let axis = 0; axis < 3; axis++) {
        plane(normals[a * 3 + axis] as number, normals[b * 3 + axis] as number, normals[c * 3 + axis] as number);
      }
      plane(params[a] as number, params[b] as number, params[c] as number);
      seen.push(t);
      starts.push(low);
      this.firstRow = Math.min(this.firstRow, Math.max(0, Math.floor(low)));
      this.lastRow = Math.max(this.lastRow, Math.min(this.#height - 1, Math.floor(high)));
      this.firstColumn = Math.min(this.firstColumn, Math.max(0, Math.floor(Math.min(ax, bx, cx))));
      this.lastColumn = Math.max(this.lastColumn, Math.min(this.#width - 1, Math.floor(Math.max(ax, bx, cx))));
    }
    const byStart = Uint32Array.from(seen.keys()).sort((p, q) => (starts[p] as number) - (starts[q] as number));
    this.#order = byStart.map((index) => seen[index] as number);
    this.#next = 0;
    this.#active = [];
  }

  /** Fills `ids` for the band that starts at `row`. */
  drawBand(row: number): void {
    this.ids.fill(-1);
    this.#depths.fill(0);
    const end = Math.min(row + this.#bandRows, this.#height);
    const still: number[] = [];
    for (const triangle of this.#active) if (this.#fill(triangle, row, end)) still.push(triangle);
    while (this.#next < this.#order.length) {
      const triangle = this.#order[this.#next] as number;
      const corner = triangle * 6;
      const low = Math.min(
        this.#corners[corner + 1] as number,
        this.#corners[corner + 3] as number,
        this.#corners[corner + 5] as number,
      );
      if (low >= end) break;
      this.#next++;
      if (this.#fill(triangle, row, end)) still.push(triangle);
    }
    this.#active = still;
  }

  /** Whether the four samples of a pixel, at `line` in `ids`, have nearly the same depth. */
  level(line: number): boolean {
    const depths = this.#depths;
    const a = depths[line] as number;
    const b = depths[line + this.#width] as number;
    const c = depths[line + 2 * this.#width] as number;
    const d = depths[line + 3 * this.#width] as number;
    return Math.max(a, b, c, d) - Math.min(a, b, c, d) < a * 0.004;
  }

  /** Draws the part of the triangle that is in the band. @returns whether it continues below */
  #fill(triangle: number, bandStart: number, bandEnd: number): boolean {
    const corner = triangle * 6;
    let ax = this.#corners[corner] as number;
    let ay = this.#corners[corner + 1] as number;
    let bx = this.#corners[corner + 2] as number;
    let by = this.#corners[corner + 3] as number;
    let cx = this.#corners[corner + 4] as number;
    let cy = this.#corners[corner + 5] as number;
    let swap: number;
    if (ay > by) {
      swap = ax;
      ax = bx;
      bx = swap;
      swap = ay;
      ay = by;
      by = swap;
    }
    if (by > cy) {
      swap = bx;
      bx = cx;
      cx = swap;
      swap = by;
      by = cy;
      cy = swap;
    }
    if (ay > by) {
      swap = ax;
      ax = bx;
      bx = swap;
      swap = ay;
      ay = by;
      by = swap;
    }
    const width = this.#width;
    const ids = this.ids;
    const depths = this.#depths;
    const plane = triangle * planeStride;
    const base = this.planes[plane] as number;
    const dx = this.planes[plane + 1] as number;
    const dy = this.planes[plane + 2] as number;
    const long = (cx - ax) / (cy - ay);
    const upper = by > ay ? (bx - ax) / (by - ay) : 0;
    const lower = cy > by ? (cx - bx) / (cy - by) : 0;
    // Sub-rows are at (k + 0.5) / 4.
    const first = Math.max(bandStart * 4, Math.ceil(ay * 4 - 0.5));
    const last = Math.min(bandEnd * 4 - 1, Math.ceil(cy * 4 - 0.5) - 1);
    for (let sub = first; sub <= last; sub++) {
      const y = (sub + 0.5) / 4;
      const x1 = ax + (y - ay) * long;
      const x2 = y < by ? ax + (y - ay) * upper : bx + (y - by) * lower;
      const offset = samples[(sub & 3) as 0 | 1 | 2 | 3].x;
      const from = Math.max(0, Math.ceil(Math.min(x1, x2) - offset));
      const to = Math.min(width, Math.ceil(Math.max(x1, x2) - offset));
      const line = (sub - bandStart * 4) * width;
      let near = base + y * dy + (from + offset) * dx;
      for (let at = line + from; at < line + to; at++) {
        if (near > (depths[at] as number)) {
          depths[at] = near;
          ids[at] = triangle;
        }
        near += dx;
      }
    }
    return cy > bandEnd;
  }
}
