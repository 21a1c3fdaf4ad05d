import type { Camera } from './camera.ts';
import { finishAt, type Spot, sideWindow } from './car-finish.ts';
import type { GroundShadow } from './ground-shadow.ts';
import { fifth, length2, type Mesh, type Part, part, smoothstep } from './mesh.ts';
import type { StudioLight } from './studio-light.ts';
import { Surface } from './surface.ts';
import { planeStride, type Visibility } from './visibility.ts';

/** Shades spots of the car. `shade` sets `red`, `green` and `blue` (linear), `z` (in metres) and `fine` (see Surface). */
export class CarShading {
  red = 0;
  green = 0;
  blue = 0;
  z = 0;
  fine = false;
  readonly #mesh: Mesh;
  readonly #visibility: Visibility;
  readonly #light: StudioLight;
  readonly #ground: GroundShadow;
  readonly #surface = new Surface();
  readonly #spot: Spot = { x: 0, y: 0, z: 0, normalX: 0, normalY: 0, normalZ: 0, param: 0, footprint: 0 };

  constructor(mesh: Mesh, visibility: Visibility, light: StudioLight, ground: GroundShadow) {
    this.#mesh = mesh;
    this.#visibility = visibility;
    this.#light = light;
    this.#ground = ground;
  }

  /** `x` and `y` are in pixels. `mirrored`: the camera sees the car's reflection below the floor. */
  shade(camera: Camera, triangle: number, x: number, y: number, mirrored: boolean): void {
    const eye = camera.eye;
    const right = camera.right;
    const up = camera.up;
    const forward = camera.forward;
    const focal = camera.focal;
    const planes = this.#visibility.planes;
    const at = triangle * planeStride;
    const depth = 1 / planeAt(planes, at + 0, x, y);
    const u = (x - camera.width / 2) / focal;
    const v = (camera.height / 2 - y) / focal;
    // From the eye to the spot. A mirrored car is the real one seen from below the floor.
    const flip = mirrored ? -1 : 1;
    let vx = forward[0] + u * right[0] + v * up[0];
    let vy = forward[1] + u * right[1] + v * up[1];
    let vz = forward[2] + v * up[2];
    const spot = this.#spot;
    spot.x = eye[0] + vx * depth;
    spot.y = eye[1] + vy * depth;
    spot.z = flip * (eye[2] + vz * depth);
    vz *= flip;
    const distance = Math.sqrt(vx * vx + vy * vy + vz * vz);
    vx /= distance;
    vy /= distance;
    vz /= distance;
    let nx = planeAt(planes, at + 3, x, y);
    let ny = planeAt(planes, at + 6, x, y);
    let nz = planeAt(planes, at + 9, x, y);
    const length = Math.sqrt(nx * nx + ny * ny + nz * nz) || 1;
    nx /= length;
    ny /= length;
    nz /= length;
    spot.normalX = nx;
    spot.normalY = ny;
    spot.normalZ = nz;
    spot.param = planeAt(planes, at + 12, x, y);
    spot.footprint = depth / focal;
    const of = this.#mesh.parts[triangle] as Part;
    const surface = this.#surface;
    finishAt(surface, of, spot);
    this.z = spot.z;
    this.fine = surface.fine;

    const facing = -(nx * vx + ny * vy + nz * vz);
    const rx = vx + 2 * facing * nx;
    const ry = vy + 2 * facing * ny;
    const rz = vz + 2 * facing * nz;
    // Converts to studio coordinates: x is `right`, y is the direction from the eye to the table.
    const ex = right[0];
    const ey = right[1];
    const light = this.#light;
    // The lamps are close, so their direction depends slightly on the spot.
    const near = 0.2;
    const sx = rx * ex + ry * ey + near * (spot.x * ex + spot.y * ey);
    const sy = ry * ex - rx * ey + near * (spot.y * ex - spot.x * ey);
    const sz = rz + (spot.z - 0.7) * near * 0.5;
    let mirrorLight = surface.gloss > 0 ? light.sharp.at(sx, sy, sz) : 0;
    let softLight = surface.gloss < 1 || surface.metal > 0 ? light.soft.at(sx, sy, rz) : 0;
    if (rz < 0) {
      const t = Math.min(6, spot.z / -rz);
      const shade = this.#ground.at(spot.x + t * rx, spot.y + t * ry);
      const fade = smoothstep(0, -0.25, rz);
      mirrorLight *= 1 - fade * (1 - shade);
      softLight *= 1 - 0.8 * fade * (1 - shade);
    }
    const matt = light.diffuse.at(nx * ex + ny * ey, ny * ex - nx * ey, nz);
    let open = 0.3 + 0.7 * smoothstep(0.05, 0.7, spot.z + 0.3 * nz);
    if (nz < 0) open *= 1 + nz * (1 - this.#ground.at(spot.x, spot.y));
    else if (of === part.body || of === part.cabin || of === part.mirror) open = Math.max(open, 0.5);
    const grazing = fifth(1 - Math.max(0, facing));
    const roughness = 1 - surface.gloss;
    const reflectance = surface.mirror + (0.9 - surface.mirror) * grazing * (surface.gloss * 0.8 + 0.05);
    const reflected = reflectance * (surface.gloss * mirrorLight + roughness * softLight);
    const scattered = (1 - surface.metal) * matt * open + surface.metal * softLight * 1.15 + surface.glow;
    const kept = 1 - reflectance;
    this.red = surface.red * scattered * kept + reflected;
    this.green = surface.green * scattered * kept + reflected;
    this.blue = surface.blue * scattered * kept + reflected;
    if (of === part.cabin && surface.mirror > 0.065 && surface.metal === 0) this.#lookInside(vx, vy, vz, kept);
  }

  /** The view through a window: head rests, or the bright studio through the windows of the other side. */
  #lookInside(vx: number, vy: number, vz: number, kept: number): void {
    const x = this.#spot.x;
    const y = this.#spot.y;
    const z = this.#spot.z;
    let seen = 0.006;
    // From the side, the seats are silhouettes in planes along the car. From the front, in planes across it.
    if (Math.abs(vy) > Math.abs(vx)) {
      const across = (Math.sign(vy) * 0.7 - y) / vy;
      const farX = x + vx * across;
      const farZ = z + vz * across;
      const window = Math.min(sideWindow(farX, farZ), 1.36 - farZ, Math.abs(farX + 0.29) - 0.04);
      seen += 0.085 * smoothstep(-0.01, 0.03, window);
      for (const seatY of seatColumns) {
        const t = (seatY - y) / vy;
        const seatX = x + vx * t;
        const seatZ = z + vz * t;
        if (t <= 0) continue;
        for (const row of seatRows) seen = covered(seen, seatX - row + (seatZ - 1) * 0.35, seatZ, 0.075, 0.1);
      }
    } else {
      const along = (Math.sign(vx) * 1.2 - 0.35 - x) / vx;
      const farY = y + vy * along;
      const farZ = z + vz * along;
      seen += 0.07 * smoothstep(-0.02, 0.04, Math.min(0.52 - Math.abs(farY), farZ - 1.02, 1.33 - farZ));
      for (const row of seatRows) {
        const t = (row - x) / vx;
        if (t > 0) seen = covered(seen, Math.abs(y + vy * t) - 0.37, z + vz * t, 0.13, 0.24);
      }
    }
    this.red += seen * kept * 0.88;
    this.green += seen * kept * 0.97;
    this.blue += seen * kept;
  }
}

const seatRows = [-0.12, -0.98] as const;
const seatColumns = [-0.37, 0.37] as const;

/** The light that remains visible beside a seat (head rest and back), at a distance of `away` from its centre line. */
function covered(seen: number, away: number, z: number, restHalf: number, backHalf: number): number {
  const rest = length2(away / restHalf, (z - 1.19) / 0.1);
  const back = length2(away / backHalf, (z - 0.86) / 0.26);
  const inside = smoothstep(1.06, 0.94, Math.min(rest, back));
  return seen * (1 - inside) + 0.016 * inside;
}

function planeAt(planes: Float32Array, at: number, x: number, y: number): number {
  return (planes[at] as number) + x * (planes[at + 1] as number) + y * (planes[at + 2] as number);
}
