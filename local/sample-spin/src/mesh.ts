/** A point in the car's coordinates in metres: x forward, y left, z up, with the turntable's centre as the origin. */
export type Point = readonly [x: number, y: number, z: number];

/** The part that a triangle belongs to. It determines the shading. */
export const part = {
  body: 0,
  cabin: 1,
  mirror: 2,
  liner: 3,
  tyre: 4,
  rim: 5,
  barrel: 6,
  brakeDisc: 7,
  caliper: 8,
  plate: 9,
} as const;
export type Part = (typeof part)[keyof typeof part];

export interface Mesh {
  /** The x, y and z of each vertex. */
  readonly positions: Float32Array;
  /** Unit normals, outward. */
  readonly normals: Float32Array;
  /** One parameter per vertex. Its meaning depends on the part. */
  readonly params: Float32Array;
  /** Three vertex indices per triangle, in any winding order. */
  readonly triangles: Uint32Array;
  /** The part of each triangle. */
  readonly parts: Uint8Array;
}

interface GridOptions {
  readonly rows: number;
  readonly columns: number;
  readonly part: Part;
  /** `row` runs from 0 to `rows` and `column` from 0 to `columns`, inclusive. */
  readonly at: (row: number, column: number) => Point;
  readonly param?: (row: number, column: number) => number;
  /** Any vector that points outwards at this point. It determines the sign of the normal. */
  readonly outward: (point: Point) => Point;
  /** The last column equals the first one and shares its normals. */
  readonly closed?: boolean;
  /** Triangles are clipped where this is negative. */
  readonly keep?: (point: Point) => number;
}

export class MeshBuilder {
  readonly #positions: number[] = [];
  readonly #normals: number[] = [];
  readonly #params: number[] = [];
  readonly #triangles: number[] = [];
  readonly #parts: number[] = [];

  vertex(point: Point, normal: Point, param = 0): number {
    const length = Math.hypot(...normal) || 1;
    this.#positions.push(...point);
    this.#normals.push(normal[0] / length, normal[1] / length, normal[2] / length);
    this.#params.push(param);
    return this.#params.length - 1;
  }

  triangle(a: number, b: number, c: number, of: Part): void {
    this.#triangles.push(a, b, c);
    this.#parts.push(of);
  }

  /** A surface over a grid of points, with smooth normals from its neighbours. */
  grid({ rows, columns, part: of, at, param, outward, closed, keep }: GridOptions): void {
    const points: Point[][] = [];
    for (let row = 0; row <= rows; row++) {
      const line: Point[] = [];
      for (let column = 0; column <= columns; column++) line.push(at(row, column));
      points.push(line);
    }
    const pick = (row: number, column: number): Point => points[row]?.[column] ?? [0, 0, 0];
    const index: number[][] = [];
    for (let row = 0; row <= rows; row++) {
      const line: number[] = [];
      for (let column = 0; column <= columns; column++) {
        const here = pick(row, column);
        const along = minus(pick(Math.min(row + 1, rows), column), pick(Math.max(row - 1, 0), column));
        const before = closed && column === 0 ? columns - 1 : Math.max(column - 1, 0);
        const after = closed && column === columns ? 1 : Math.min(column + 1, columns);
        const normal = cross(along, minus(pick(row, after), pick(row, before)));
        const out = outward(here);
        const length = Math.hypot(...normal);
        const sign = dot(normal, out) < 0 ? -1 : 1;
        line.push(this.vertex(here, length < 1e-9 ? out : scale(normal, sign / length), param?.(row, column)));
      }
      index.push(line);
    }
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const a = index[row]?.[column] ?? 0;
        const b = index[row]?.[column + 1] ?? 0;
        const c = index[row + 1]?.[column] ?? 0;
        const d = index[row + 1]?.[column + 1] ?? 0;
        this.#cutTriangle(a, b, d, of, keep);
        this.#cutTriangle(a, d, c, of, keep);
      }
    }
  }

  /** A surface of revolution around an axis along y through `centre`. The profile has [radius, y offset towards `side`]. */
  lathe(
    centre: Point,
    profile: readonly (readonly [number, number])[],
    segments: number,
    of: Part,
    side: number,
  ): void {
    const [cx, cy, cz] = centre;
    const rows = profile.length - 1;
    this.grid({
      rows,
      columns: segments,
      part: of,
      closed: true,
      at: (row, column) => {
        const [radius = 0, offset = 0] = profile[row] ?? [];
        const angle = (column / segments) * 2 * Math.PI;
        return [cx + radius * Math.cos(angle), cy + side * offset, cz + radius * Math.sin(angle)];
      },
      outward: ([x, y, z]) => {
        const radius = Math.hypot(x - cx, z - cz) || 1;
        // The radius of the centre of a tyre's tube. Normals of the tyre point away from there.
        const ring = 0.27;
        return of === part.tyre
          ? [((x - cx) / radius) * (radius - ring), y - cy, ((z - cz) / radius) * (radius - ring)]
          : [0.3 * (cx - x), side, 0.3 * (cz - z)];
      },
    });
  }

  ellipsoid(centre: Point, radii: Point, rows: number, columns: number, of: Part): void {
    this.grid({
      rows,
      columns,
      part: of,
      closed: true,
      at: (row, column) => {
        const polar = (row / rows) * Math.PI;
        const azimuth = (column / columns) * 2 * Math.PI;
        return [
          centre[0] + radii[0] * Math.sin(polar) * Math.cos(azimuth),
          centre[1] + radii[1] * Math.sin(polar) * Math.sin(azimuth),
          centre[2] + radii[2] * Math.cos(polar),
        ];
      },
      outward: (point) => minus(point, centre),
    });
  }

  build(): Mesh {
    return {
      positions: Float32Array.from(this.#positions),
      normals: Float32Array.from(this.#normals),
      params: Float32Array.from(this.#params),
      triangles: Uint32Array.from(this.#triangles),
      parts: Uint8Array.from(this.#parts),
    };
  }

  #cutTriangle(a: number, b: number, c: number, of: Part, keep: ((point: Point) => number) | undefined): void {
    const corners = [a, b, c];
    const values = corners.map((corner) => keep?.(this.#point(corner)) ?? 1);
    const kept: number[] = [];
    for (let i = 0; i < 3; i++) {
      const from = corners[i] ?? 0;
      const to = corners[(i + 1) % 3] ?? 0;
      const valueFrom = values[i] ?? 0;
      const valueTo = values[(i + 1) % 3] ?? 0;
      if (valueFrom >= 0) kept.push(from);
      if (valueFrom >= 0 !== valueTo >= 0) kept.push(this.#between(from, to, valueFrom / (valueFrom - valueTo)));
    }
    for (let i = 2; i < kept.length; i++) this.triangle(kept[0] ?? 0, kept[i - 1] ?? 0, kept[i] ?? 0, of);
  }

  #between(from: number, to: number, share: number): number {
    const mix = (values: number[], stride: number, offset: number) => {
      const start = values[from * stride + offset] ?? 0;
      return start + ((values[to * stride + offset] ?? 0) - start) * share;
    };
    const triple = (values: number[]): Point => [mix(values, 3, 0), mix(values, 3, 1), mix(values, 3, 2)];
    return this.vertex(triple(this.#positions), triple(this.#normals), mix(this.#params, 1, 0));
  }

  #point(vertex: number): Point {
    const at = vertex * 3;
    return [this.#positions[at] ?? 0, this.#positions[at + 1] ?? 0, this.#positions[at + 2] ?? 0];
  }
}

/** A smooth curve through [x, value] points in ascending x. Constant beyond its ends. */
export function curve(points: readonly (readonly [number, number])[]): (x: number) => number {
  const slope = (i: number): number => {
    const [x0, y0] = points[Math.max(i - 1, 0)] ?? [0, 0];
    const [x1, y1] = points[Math.min(i + 1, points.length - 1)] ?? [0, 0];
    return x1 === x0 ? 0 : (y1 - y0) / (x1 - x0);
  };
  return (x) => {
    const first = points[0] ?? [0, 0];
    const last = points[points.length - 1] ?? first;
    if (x <= first[0]) return first[1];
    if (x >= last[0]) return last[1];
    let i = 0;
    while ((points[i + 1]?.[0] ?? Number.POSITIVE_INFINITY) < x) i++;
    const [x0, y0] = points[i] ?? first;
    const [x1, y1] = points[i + 1] ?? last;
    const width = x1 - x0;
    const t = (x - x0) / width;
    const t2 = t * t;
    const t3 = t2 * t;
    return (
      (2 * t3 - 3 * t2 + 1) * y0 +
      (t3 - 2 * t2 + t) * width * slope(i) +
      (3 * t2 - 2 * t3) * y1 +
      (t3 - t2) * width * slope(i + 1)
    );
  };
}

/** 0 below `from`, 1 above `to`, with a smooth transition. */
export function smoothstep(from: number, to: number, value: number): number {
  const t = Math.min(1, Math.max(0, (value - from) / (to - from)));
  return t * t * (3 - 2 * t);
}

/** value^5, for Schlick's approximation. Math.pow takes ten times as long. */
export function fifth(value: number): number {
  const squared = value * value;
  return squared * squared * value;
}

/** The length of a 2D vector. Math.hypot takes ten times as long, because it prevents overflow. */
export function length2(a: number, b: number): number {
  return Math.sqrt(a * a + b * b);
}

function minus(a: Point, b: Point): Point {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}

function scale(a: Point, by: number): Point {
  return [a[0] * by, a[1] * by, a[2] * by];
}

function dot(a: Point, b: Point): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function cross(a: Point, b: Point): Point {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}
