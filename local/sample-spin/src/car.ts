import { curve, type Mesh, MeshBuilder, type Point, part, smoothstep } from './mesh.ts';
import { addWheel } from './wheel.ts';

export const wheelAxles = [1.37, -1.35] as const;
export const wheelRadius = 0.345;
export const archRadius = 0.405;
const trackHalf = 0.795;

/** The distance in metres to the centre of the nearer wheel, seen from the side. */
export function wheelDistance(x: number, z: number): number {
  const dx = Math.min(Math.abs(x - wheelAxles[0]), Math.abs(x - wheelAxles[1]));
  return Math.sqrt(dx * dx + (z - wheelRadius) * (z - wheelRadius));
}

// The lower body, seen from the side (top and bottom edge) and from above (half width). Front at +2.2, tail at -2.2.
const top = curve([
  [-2.2, 0.82],
  [-2.12, 0.97],
  [-1.95, 1.02],
  [-1.4, 1.0],
  [-0.6, 0.965],
  [0.4, 0.945],
  [1.0, 0.925],
  [1.5, 0.865],
  [1.85, 0.79],
  [2.08, 0.7],
  [2.2, 0.56],
]);
const bottom = curve([
  [-2.2, 0.5],
  [-2.12, 0.33],
  [-1.9, 0.24],
  [-1.2, 0.2],
  [1.3, 0.19],
  [1.9, 0.2],
  [2.12, 0.25],
  [2.2, 0.42],
]);
const halfWidth = curve([
  [-2.2, 0.84],
  [-1.9, 0.885],
  [-1.35, 0.925],
  [-0.5, 0.9],
  [0.5, 0.9],
  [1.37, 0.92],
  [1.8, 0.89],
  [2.2, 0.82],
]);
/** How angular the section is above its widest line: the hood is flatter than the doors. */
const boxiness = curve([
  [-2.2, 3.2],
  [-1.2, 4],
  [0.8, 4],
  [1.6, 3.4],
  [2.2, 3],
]);
const halfLength = 2.2;

// The cabin: roof line, and half width at the belt.
const roof = curve([
  [-2.1, 0.93],
  [-1.95, 1.06],
  [-1.65, 1.23],
  [-1.25, 1.37],
  [-0.8, 1.445],
  [-0.3, 1.465],
  [0.08, 1.43],
  [0.4, 1.315],
  [0.75, 1.12],
  [1.05, 0.93],
  [1.12, 0.89],
]);
const beltWidth = curve([
  [-2.1, 0.56],
  [-1.6, 0.7],
  [-1.0, 0.79],
  [-0.3, 0.815],
  [0.3, 0.805],
  [0.7, 0.76],
  [1.12, 0.6],
]);
const cabinBase = 0.87;

/** A `detail` of 1 is for pictures, less for the reflection and the shadow. */
export function buildCar(detail: number): Mesh {
  const mesh = new MeshBuilder();
  addLowerBody(mesh, detail);
  addCabin(mesh, detail);
  for (const side of [1, -1] as const) {
    addMirror(mesh, side, detail);
    for (const axle of wheelAxles) {
      addWheel(mesh, [axle, side * trackHalf, wheelRadius], side, detail);
      addArchLiner(mesh, axle, side, detail);
    }
  }
  addPlate(mesh, [2.214, 0, 0.465], 1);
  addPlate(mesh, [-2.212, 0, 0.66], -1);
  return mesh.build();
}

function addLowerBody(mesh: MeshBuilder, detail: number): void {
  const rows = Math.round(140 * detail);
  const columns = 2 * Math.round(52 * detail);
  const lines: Point[][] = [];
  for (let row = 0; row <= rows; row++) lines.push(loop(bodyHalfSection(stationAt(row / rows)), columns));
  mesh.grid({
    rows,
    columns,
    part: part.body,
    closed: true,
    at: (row, column) => lines[row]?.[column] ?? [0, 0, 0],
    outward: ([x, y, z]) => [Math.max(0, Math.abs(x) - 1.9) * Math.sign(x) * 3, y, z - 0.6],
    keep: ([x, y, z]) => (Math.abs(y) < 0.5 ? 1 : wheelDistance(x, z) - archRadius),
  });
}

/** Stations are closer together at both ends, where the surface curves towards the bumpers. */
function stationAt(share: number): number {
  return halfLength * Math.sin((share - 0.5) * Math.PI);
}

/** One side of the section at x, from the centre of the floor to the centre of the top. */
function bodyHalfSection(x: number): Point[] {
  // From above, the ends are rounded: a superellipse over the last half metre.
  const endStart = x > 0 ? 1.72 : 1.8;
  const end = Math.max(0, (Math.abs(x) - endStart) / (halfLength - endStart));
  const rounding = Math.max(0, 1 - Math.min(1, end) ** 2.7) ** (1 / 2.7);
  const width = halfWidth(x) * rounding;
  const topZ = top(x);
  const bottomZ = bottom(x);
  const widest = bottomZ + (topZ - bottomZ) * 0.56;
  const power = boxiness(x);
  const points: Point[] = [];
  const steps = 200;
  for (let step = 0; step <= steps; step++) {
    const angle = -Math.PI / 2 + (step / steps) * Math.PI;
    const c = Math.abs(Math.cos(angle));
    const s = Math.abs(Math.sin(angle));
    const n = angle < 0 ? 5 : power;
    const radius = (c ** n + s ** n) ** (-1 / n);
    const z = angle < 0 ? widest - (widest - bottomZ) * radius * s : widest + (topZ - widest) * radius * s;
    let y = width * radius * c;
    if (width > 0.3) {
      const sideways = smoothstep(0.6, 0.95, y / width);
      // A shoulder line under the windows with a hollow below it, a protruding sill, and flared wheel arches.
      const shoulder = 0.016 * bump(z, topZ - 0.1, 0.05) - 0.028 * bump(z, 0.56, 0.13) + 0.012 * bump(z, 0.3, 0.07);
      const axle = Math.min(Math.abs(x - wheelAxles[0]), Math.abs(x - wheelAxles[1]));
      const flare = 0.034 * bump(axle, 0, 0.42) * bump(z, 0.6, 0.28);
      y += sideways * rounding * (shoulder + flare);
    }
    points.push([x, y, z]);
  }
  return points;
}

/** Half width of the lower body at x and height z. */
function bodySide(x: number, z: number): number {
  const section = bodyHalfSection(x);
  let widest = 0;
  for (let i = 1; i < section.length; i++) {
    const [, y0, z0] = section[i - 1] ?? [0, 0, 0];
    const [, y1, z1] = section[i] ?? [0, 0, 0];
    if (z0 <= z && z < z1) widest = Math.max(widest, y0 + ((y1 - y0) * (z - z0)) / (z1 - z0));
  }
  return widest || 0.8;
}

function addCabin(mesh: MeshBuilder, detail: number): void {
  const rows = Math.round(84 * detail);
  const columns = 2 * Math.round(32 * detail);
  const lines: Point[][] = [];
  const params: number[][] = [];
  for (let row = 0; row <= rows; row++) {
    const s = 2 * (row / rows) - 1;
    const x = -0.49 + 1.61 * Math.sin((Math.PI / 2) * s);
    const line: Point[] = [];
    const angles: number[] = [];
    for (let column = 0; column <= columns; column++) {
      const angle = (column / columns) * Math.PI;
      line.push(cabinPoint(x, angle));
      angles.push(Math.min(angle, Math.PI - angle));
    }
    lines.push(line);
    params.push(angles);
  }
  mesh.grid({
    rows,
    columns,
    part: part.cabin,
    at: (row, column) => lines[row]?.[column] ?? [0, 0, 0],
    param: (row, column) => params[row]?.[column] ?? 0,
    outward: ([x, y, z]) => [x + 0.49, 2 * y, 2 * (z - 0.8)],
  });
}

/** `angle` runs half a turn from 0 (left belt) to the right belt. 45 degrees is the corner of the roof. */
function cabinPoint(x: number, angle: number): Point {
  const height = roof(x) - cabinBase;
  const c = Math.cos(angle);
  const s = Math.sin(angle);
  const n = 3.6;
  const radius = (Math.abs(c) ** n + s ** n) ** (-1 / n);
  const z = cabinBase + Math.max(0.01, height) * radius * s;
  const leanIn = 1 - 0.27 * Math.max(0, (z - 0.93) / (1.46 - 0.93));
  return [x, beltWidth(x) * radius * c * leanIn, z];
}

function addMirror(mesh: MeshBuilder, side: 1 | -1, detail: number): void {
  const rows = Math.round(20 * detail);
  mesh.ellipsoid([0.6, side * 0.965, 1.005], [0.075, 0.115, 0.068], rows, 2 * rows, part.mirror);
  mesh.ellipsoid([0.63, side * 0.85, 0.965], [0.035, 0.09, 0.02], rows, 2 * rows, part.mirror);
}

function addArchLiner(mesh: MeshBuilder, axle: number, side: 1 | -1, detail: number): void {
  const segments = Math.round(48 * detail);
  const inner = 0.545;
  // Half a tube around the wheel, from the edge of the body inwards and open below, with a back wall.
  const edge: number[] = [];
  const arc = (column: number): [number, number] => {
    const angle = -0.35 + (column / segments) * (Math.PI + 0.7);
    // Slightly larger than the cut-out of the body and slightly behind it, so that no light passes the seam.
    const radius = archRadius + 0.005;
    return [axle + radius * Math.cos(angle), wheelRadius + radius * Math.sin(angle)];
  };
  for (let column = 0; column <= segments; column++) edge.push(bodySide(...arc(column)) - 0.003);
  mesh.grid({
    rows: 4,
    columns: segments,
    part: part.liner,
    at: (row, column) => {
      const [x, z] = arc(column);
      const outer = edge[column] ?? inner;
      return [x, side * (outer + (inner - outer) * (row / 4)), z];
    },
    outward: ([x, , z]) => [axle - x, 0, wheelRadius - z],
  });
  mesh.grid({
    rows: 4,
    columns: segments,
    part: part.liner,
    at: (row, column) => {
      const angle = (column / segments) * 2 * Math.PI;
      const radius = ((archRadius + 0.008) * row) / 4;
      return [axle + radius * Math.cos(angle), side * inner, wheelRadius + Math.max(-0.1, radius * Math.sin(angle))];
    },
    outward: () => [0, side, 0],
  });
}

export const plateSize = { width: 0.52, height: 0.115 } as const;

function addPlate(mesh: MeshBuilder, centre: Point, facing: 1 | -1): void {
  const corner = (y: number, z: number) =>
    mesh.vertex(
      [centre[0], centre[1] + (y * plateSize.width) / 2, centre[2] + (z * plateSize.height) / 2],
      [facing, 0, 0],
    );
  const [a, b, c, d] = [corner(-1, -1), corner(1, -1), corner(1, 1), corner(-1, 1)];
  mesh.triangle(a, b, c, part.plate);
  mesh.triangle(a, c, d, part.plate);
}

/** Closes a half section into a loop of `columns` evenly spaced points. */
function loop(half: Point[], columns: number): Point[] {
  const lengths = [0];
  for (let i = 1; i < half.length; i++) {
    const [, y0, z0] = half[i - 1] ?? [0, 0, 0];
    const [, y1, z1] = half[i] ?? [0, 0, 0];
    lengths.push((lengths[i - 1] ?? 0) + Math.hypot(y1 - y0, z1 - z0));
  }
  const total = lengths[lengths.length - 1] ?? 0;
  const count = columns / 2;
  const even: Point[] = [];
  let i = 1;
  for (let k = 0; k <= count; k++) {
    const target = (total * k) / count;
    while (i < half.length - 1 && (lengths[i] ?? 0) < target) i++;
    const [x, y0, z0] = half[i - 1] ?? [0, 0, 0];
    const [, y1, z1] = half[i] ?? [0, 0, 0];
    const from = lengths[i - 1] ?? 0;
    const share = Math.min(1, (target - from) / ((lengths[i] ?? 0) - from || 1));
    even.push([x, y0 + (y1 - y0) * share, z0 + (z1 - z0) * share]);
  }
  const mirrored = even.slice(0, -1).reverse();
  return [...even, ...mirrored.map(([x, y, z]): Point => [x, -y, z])];
}

function bump(value: number, centre: number, spread: number): number {
  const t = (value - centre) / spread;
  return Math.exp(-t * t);
}
