import { archRadius, plateSize, wheelAxles, wheelDistance, wheelRadius } from './car.ts';
import { drawText, type Texture } from './lettering.ts';
import { length2, type Part, part, smoothstep } from './mesh.ts';
import { finish, type Surface } from './surface.ts';

/** A spot on the surface of the car. `footprint` is the width of a pixel at the spot's distance, in metres. */
export interface Spot {
  x: number;
  y: number;
  z: number;
  normalX: number;
  normalY: number;
  normalZ: number;
  param: number;
  footprint: number;
}

const plate = drawPlate();

/**
 * Sets `surface` to the material of the car at a spot. Windows, lamps and panel gaps are drawn by formula, so they are sharp
 * at any size.
 */
export function finishAt(surface: Surface, of: Part, spot: Spot): void {
  switch (of) {
    case part.body:
      finishBody(surface, spot);
      return;
    case part.cabin:
      finishCabin(surface, spot);
      return;
    case part.mirror:
      surface.set(finish.paint);
      surface.lay(finish.roof, cover(0.985 - spot.z, spot.footprint));
      surface.lay(finish.chrome, spot.normalX < -0.72 ? 1 : 0);
      return;
    case part.tyre:
      finishTyre(surface, spot);
      return;
    case part.rim:
      surface.set(finish.alloy);
      surface.darken(0.55 + 0.45 * smoothstep(0.5, 0.95, Math.abs(spot.normalY)));
      finishHub(surface, spot);
      return;
    case part.barrel:
      surface.set(finish.alloy);
      surface.darken(smoothstep(0.76, 0.885, Math.abs(spot.y)));
      return;
    case part.brakeDisc:
      surface.set(finish.disc);
      surface.darken(0.35 + 0.1 * Math.sin(wheelDistance(spot.x, spot.z) * 900));
      return;
    case part.caliper:
      surface.set(finish.caliper);
      surface.darken(0.6);
      return;
    case part.liner:
      surface.set(finish.liner);
      return;
    case part.plate:
      finishPlate(surface, spot);
      return;
  }
}

function finishBody(surface: Surface, spot: Spot): void {
  const { x, z, footprint, normalY, normalZ } = spot;
  const side = Math.abs(spot.y);
  surface.set(finish.paint);

  if (Math.abs(normalY) > 0.45 && z < 0.99 && Math.abs(x) < 1.9) {
    const wheel = wheelDistance(x, z);
    // Gaps of the doors: one behind the front wheel, one between the doors, one around the rear wheel, one along the sill.
    const doors = z > 0.345 && wheel > archRadius + 0.06;
    if (doors) {
      const front = x - (0.8 - 0.1 * (z - 0.6));
      const middle = x - (-0.27 - 0.04 * (z - 0.6));
      const rearEdge = z > 0.62 ? x - (-1.0 - 0.1 * (z - 0.62)) : wheel - 0.49;
      const inside = x < 0.8 && x > -1.2;
      gap(surface, front, footprint);
      gap(surface, middle, footprint);
      if (x < -0.6) gap(surface, rearEdge, footprint);
      if (inside && x > -0.93) gap(surface, z - 0.36, footprint);
      handle(surface, x + 0.13, z - 0.845, footprint);
      handle(surface, x + 0.9, z - 0.855, footprint);
      // Fuel flap, one side only.
      if (spot.y < 0 && x < -1.2) gap(surface, Math.max(Math.abs(x + 1.62), Math.abs(z - 0.84)) - 0.065, footprint);
    }
    surface.lay(finish.trim, cover(archRadius + 0.032 - wheel, footprint));
  }
  // Sills and the lower edge of the bumpers.
  surface.lay(finish.trim, cover(0.312 + 0.03 * smoothstep(1.75, 2.1, Math.abs(x)) - z, footprint));

  if (normalZ > 0.25 && x > 1.0) {
    // The hood: its two sides and its front edge.
    const edge = 0.73 - 0.1 * (x - 1) ** 2;
    if (x < 1.93) gap(surface, side - edge, footprint);
    if (side < edge) gap(surface, x - 1.93, footprint);
  }
  if (x > 1.6) finishFront(surface, spot, side);
  if (x < -1.6) finishTail(surface, spot, side);
}

function finishFront(surface: Surface, { x, z, footprint }: Spot, side: number): void {
  // A dark band between the lamps, the lamps themselves, and a line of light along their upper edge.
  const middle = 0.655 + 0.055 * smoothstep(0.35, 0.9, side);
  surface.lay(finish.roof, cover(Math.min(0.011 - Math.abs(z - middle), 0.5 - side), footprint));
  const reach = Math.min(side - 0.43, x - 1.83);
  const half = 0.038 - 0.02 * smoothstep(0.62, 0.4, side);
  surface.lay(finish.lamp, cover(Math.min(half - Math.abs(z - middle), reach), footprint));
  surface.lay(finish.white, cover(Math.min(0.007 - Math.abs(z - middle - half + 0.013), reach - 0.012), footprint));
  for (const centre of [0.56, 0.66]) {
    const away = length2((side - centre) * 0.9, z - middle + 0.01);
    surface.lay(finish.chrome, cover(0.019 - away, footprint));
    surface.lay(finish.white, cover(0.011 - away, footprint));
  }
  // Air intake with slats, and a vent at either side.
  const intake = Math.min(0.58 - side + (z - 0.3) * 0.4, z - 0.3, 0.395 - z);
  surface.lay(finish.gap, cover(intake, footprint));
  const slat = 0.005 - Math.abs(((z + 0.011) % 0.03) - 0.015);
  surface.lay(finish.trim, Math.min(cover(slat, footprint), cover(intake - 0.006, footprint)));
  const vent = Math.min(0.022 + 0.1 * (z - 0.36) - Math.abs(side - 0.74 - 0.12 * (z - 0.45)), z - 0.37, 0.53 - z);
  if (x > 1.85) surface.lay(finish.gap, cover(vent, footprint));
  // The badge.
  const badge = Math.abs(length2(side, z - 0.6) - 0.03);
  surface.lay(finish.chrome, cover(0.005 - badge, footprint));
}

function finishTail(surface: Surface, { x, z, footprint }: Spot, side: number): void {
  const middle = 0.845 + 0.02 * smoothstep(0.5, 0.85, side);
  const reach = -1.87 - x;
  surface.lay(finish.redGlass, cover(Math.min(0.036 - Math.abs(z - middle), reach), footprint));
  surface.lay(finish.red, cover(Math.min(0.009 - Math.abs(z - middle - 0.006), reach - 0.015), footprint));
  if (side < 0.7 && x < -1.9) gap(surface, z - 0.56, footprint);
  if (z > 0.56 && z < 0.8 && x < -1.9) gap(surface, side - 0.7 + 0.15 * (z - 0.56), footprint);
  // Diffuser, and two reflectors in the bumper.
  surface.lay(finish.trim, cover(Math.min(0.43 - z, 0.72 - side, -1.95 - x), footprint));
  surface.lay(
    finish.redGlass,
    cover(Math.min(0.012 - Math.abs(z - 0.475), 0.09 - Math.abs(side - 0.68), -1.9 - x), footprint),
  );
  const badge = Math.abs(length2(side, z - 0.765) - 0.026);
  surface.lay(finish.chrome, cover(0.0045 - badge, footprint));
}

/** The distance in metres to the edge of the side windows, seen from the side. Positive inside. */
export function sideWindow(x: number, z: number): number {
  return Math.min(z - 0.99, 0.8 - 1.72 * (z - 0.99) - x, x + 1.52 - 1.15 * (z - 0.99));
}

function finishCabin(surface: Surface, spot: Spot): void {
  const { x, z, footprint, param } = spot;
  surface.set(finish.paint);
  // `param` is the angle around the section in radians. The corner of the roof is at 0.785.
  surface.lay(finish.roof, cover(Math.min((param - 0.8) * 0.5, x + 1.98), footprint));
  const pillar = (0.7 - param) * 0.42;
  const side = Math.min(sideWindow(x, z), pillar);
  if (param < 0.8) {
    surface.lay(finish.chrome, cover(Math.min(side + 0.018, 1), footprint) * cover(0.994 - z, footprint));
    surface.lay(finish.roof, cover(side + 0.008, footprint));
    surface.lay(finish.glass, cover(side - 0.012, footprint));
    surface.lay(finish.roof, cover(Math.min(0.032 - Math.abs(x + 0.29), side), footprint));
    surface.lay(finish.roof, cover(Math.min(0.012 - Math.abs(x + 1.04 - 0.25 * (z - 1)), side), footprint));
  } else {
    const screen = Math.min((param - 0.875) * 0.55, x - 0.17, 1.0 - x);
    const rear = Math.min((param - 0.9) * 0.55, -1.3 - x, x + 1.93);
    surface.lay(finish.glass, cover(Math.max(screen, rear), footprint));
  }
}

function finishTyre(surface: Surface, { x, y, z, footprint }: Spot): void {
  surface.set(finish.rubber);
  const radius = wheelDistance(x, z);
  const offset = Math.abs(Math.abs(y) - 0.795);
  if (radius > 0.338) {
    for (const groove of [0.025, 0.06]) surface.lay(finish.gap, cover(0.006 - Math.abs(offset - groove), footprint));
    const angle = Math.atan2(z - wheelRadius, nearAxle(x)) * 57;
    surface.lay(
      finish.gap,
      offset > 0.03 ? cover(0.004 - Math.abs((Math.abs(angle + offset * 40) % 2) - 1) * 0.006, footprint) : 0,
    );
  } else {
    for (const ring of [0.262, 0.318, 0.326]) {
      surface.lay(finish.rubberMark, cover(0.0018 - Math.abs(radius - ring), footprint) * 0.8);
    }
  }
}

function finishHub(surface: Surface, { x, z, footprint }: Spot): void {
  const radius = wheelDistance(x, z);
  surface.lay(finish.trim, cover(0.026 - radius, footprint));
  surface.lay(finish.chrome, cover(0.0025 - Math.abs(radius - 0.0265), footprint));
  const angle = Math.atan2(z - wheelRadius, nearAxle(x));
  const step = (2 * Math.PI) / 5;
  const off = angle - step * Math.round(angle / step);
  const bolt = length2(radius * Math.cos(off) - 0.047, radius * Math.sin(off));
  surface.lay(finish.gap, cover(0.0075 - bolt, footprint));
}

function finishPlate(surface: Surface, { x, y, z, footprint }: Spot): void {
  surface.set(finish.plate);
  const across = x > 0 ? y : -y;
  const up = z - (x > 0 ? 0.465 : 0.66);
  const column = (across / plateSize.width + 0.5) * (plate.width - 1);
  const row = (0.5 - up / plateSize.height) * (plate.height - 1);
  surface.lay(finish.ink, sample(plate, column, row));
  const inset = Math.min(plateSize.width / 2 - Math.abs(across), plateSize.height / 2 - Math.abs(up));
  surface.lay(finish.ink, cover(0.004 - inset, footprint));
}

function drawPlate(): Texture {
  const texture = { width: 832, height: 184, data: new Float32Array(832 * 184) };
  drawText(texture, { text: 'SPINBAY', x: 416, y: 92, height: 116, stroke: 18 });
  return texture;
}

/** The bilinear value of a texture. 0 outside. */
export function sample({ width, height, data }: Texture, column: number, row: number): number {
  if (!(column >= 0 && row >= 0 && column < width - 1 && row < height - 1)) return 0;
  const c0 = column | 0;
  const r0 = row | 0;
  const fx = column - c0;
  const at = r0 * width + c0;
  const upper = (data[at] as number) * (1 - fx) + (data[at + 1] as number) * fx;
  const lower = (data[at + width] as number) * (1 - fx) + (data[at + width + 1] as number) * fx;
  return upper + (lower - upper) * (row - r0);
}

/** The share of a pixel that is inside an edge at a signed distance of `inside` metres (positive inside). */
function cover(inside: number, footprint: number): number {
  const share = inside / footprint + 0.5;
  return Math.min(1, Math.max(0, share));
}

/** A dark gap of 6 mm between two panels, at a `distance` in metres from the spot. */
function gap(surface: Surface, distance: number, footprint: number): void {
  const away = Math.abs(distance);
  if (away > 0.01 + 4 * footprint) return;
  surface.fine = true;
  const width = Math.min(1, 0.006 / footprint);
  surface.lay(finish.gap, 0.92 * width * cover(Math.max(0.003, footprint / 2) - away, footprint));
}

function handle(surface: Surface, dx: number, dz: number, footprint: number): void {
  if (Math.abs(dx) > 0.16 || Math.abs(dz) > 0.06) return;
  const outside = length2(Math.max(0, Math.abs(dx) - 0.085), dz);
  gap(surface, outside - 0.017, footprint);
  if (dx > 0) surface.lay(finish.gap, 0.75 * cover(Math.min(0.011 - outside, dx - 0.045), footprint));
}

function nearAxle(x: number): number {
  return Math.abs(x - wheelAxles[0]) < Math.abs(x - wheelAxles[1]) ? x - wheelAxles[0] : x - wheelAxles[1];
}
