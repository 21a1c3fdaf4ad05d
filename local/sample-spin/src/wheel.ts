import { type MeshBuilder, type Point, part, smoothstep } from './mesh.ts';

const rimRadius = 0.236;
const spokes = 5;

/** Adds a wheel around an axis along y. Its face points to `side` of the car. */
export function addWheel(mesh: MeshBuilder, centre: Point, side: 1 | -1, detail: number): void {
  const segments = Math.round(96 * detail);
  const tyre: [number, number][] = [
    [0.238, 0.082],
    [0.25, 0.102],
    [0.27, 0.112],
    [0.295, 0.116],
    [0.318, 0.112],
    [0.334, 0.1],
    [0.342, 0.088],
    [0.345, 0.07],
    [0.345, 0],
    [0.345, -0.07],
    [0.334, -0.1],
    [0.295, -0.116],
    [0.25, -0.1],
  ];
  mesh.lathe(centre, tyre, segments, part.tyre, side);
  const lip: [number, number][] = [
    [0.243, 0.088],
    [0.241, 0.096],
    [0.236, 0.099],
    [0.231, 0.097],
    [0.228, 0.088],
    [0.224, 0.05],
    [0.221, 0],
    [0.219, -0.06],
  ];
  mesh.lathe(centre, lip, segments, part.barrel, side);
  mesh.lathe(
    centre,
    [
      [0.222, -0.055],
      [0.1, -0.05],
      [0, -0.05],
    ],
    Math.round(40 * detail),
    part.liner,
    side,
  );
  mesh.lathe(
    centre,
    [
      [0.172, 0.006],
      [0.168, 0.012],
      [0.09, 0.012],
      [0.07, 0.02],
      [0, 0.02],
    ],
    segments,
    part.brakeDisc,
    side,
  );
  addCaliper(mesh, centre, side, detail);
  addSpokes(mesh, centre, side, detail);
}

function addCaliper(mesh: MeshBuilder, [cx, cy, cz]: Point, side: 1 | -1, detail: number): void {
  const columns = Math.round(24 * detail);
  const rows = 8;
  mesh.grid({
    rows,
    columns,
    part: part.caliper,
    at: (row, column) => {
      const across = (row / rows) * 2 - 1;
      const along = (column / columns) * 2 - 1;
      const angle = Math.PI * 0.86 + along * 0.46;
      const radius = 0.15 + across * 0.034;
      const lift = 0.042 * Math.sqrt(Math.max(0, 1 - across ** 4)) * Math.sqrt(Math.max(0, 1 - along ** 8));
      return [cx + radius * Math.cos(angle), cy + side * (0.014 + lift), cz + radius * Math.sin(angle)];
    },
    outward: () => [0, side, 0],
  });
}

/** Adds five pairs of spokes, each a rounded bar from the hub to the rim, and the dome of the hub. */
function addSpokes(mesh: MeshBuilder, [cx, cy, cz]: Point, side: 1 | -1, detail: number): void {
  const rows = Math.max(4, Math.round(10 * detail));
  const columns = Math.max(6, Math.round(14 * detail));
  const step = (2 * Math.PI) / spokes;
  for (let spoke = 0; spoke < 2 * spokes; spoke++) {
    const pair = Math.floor(spoke / 2) * step - Math.PI / 2;
    const turn = spoke % 2 === 0 ? 1 : -1;
    mesh.grid({
      rows,
      columns,
      part: part.rim,
      at: (row, column) => {
        const outwards = row / rows;
        const radius = 0.045 + (rimRadius - 0.006 - 0.045) * outwards;
        const across = (2 * column) / columns - 1;
        const half = 0.022 - 0.009 * outwards;
        const angle = pair + turn * (0.36 - 0.13 * outwards) + (across * half) / radius;
        const height = faceHeight(radius) - 0.022 * Math.abs(across) ** 5;
        return [cx + radius * Math.cos(angle), cy + side * height, cz + radius * Math.sin(angle)];
      },
      outward: () => [0, side, 0],
    });
  }
  const hub: [number, number][] = [0.078, 0.076, 0.071, 0.062, 0.05, 0.038, 0.03, 0.027, 0.02, 0].map((radius) => [
    radius,
    faceHeight(radius) + 0.003 - 0.026 * smoothstep(0.064, 0.079, radius),
  ]);
  mesh.lathe([cx, cy, cz], hub, Math.round(64 * detail), part.rim, side);
}

/** The distance of the face of spokes and hub from the wheel's centre plane: a shallow dish. */
function faceHeight(radius: number): number {
  return 0.066 + 0.024 * smoothstep(0.06, rimRadius, radius) - 0.008 * smoothstep(0.032, 0.026, radius);
}
