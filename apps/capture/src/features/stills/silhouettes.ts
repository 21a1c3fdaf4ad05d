const side = [
  'M15 61H8c-3 0-4-2-4-5v-3c0-3 1-5 5-6l12-3 9-8c3-2 6-3 11-3h14c7 0 11 1 16 4l9 7 11 3c4 1 5 3 5 7v4c0 2-1 3-4 3h-5M31 61h40',
  'M23 53a8 8 0 1 1 0 16a8 8 0 1 1 0-16M79 53a8 8 0 1 1 0 16a8 8 0 1 1 0-16',
  'M28 44l7-6c2-1 4-2 6-2h6v8zM51 36h5c5 0 8 1 11 3l6 5H51z',
];
const front = [
  'M22 74V56c0-5 2-8 6-9l5-15c1-3 3-5 7-5h20c4 0 6 2 7 5l5 15c4 1 6 4 6 9v18z',
  'M34 45l4-12h24l4 12z',
  'M27 57h10M63 57h10M40 62h20M24 74v7h10v-7M66 74v7h10v-7',
];
const rear = [
  'M22 74V54c0-5 2-8 6-9l5-14c1-3 3-5 7-5h20c4 0 6 2 7 5l5 14c4 1 6 4 6 9v20z',
  'M34 43l4-11h24l4 11zM26 52h8v8h-8zM66 52h8v8h-8z',
  'M42 60h16v8H42zM24 74v7h10v-7M66 74v7h10v-7',
];
const quarter = [
  'M8 66V54c0-4 2-6 6-7l10-3 9-11c2-2 4-3 7-3h24c4 0 6 1 9 3l9 9 7 3c3 1 4 3 4 6v13l-4 3',
  'M20 60a9 10 0 1 1 0 20a9 10 0 1 1 0-20M70 58a8 9 0 1 1 0 18a8 9 0 1 1 0-18',
  'M30 72h32M34 44l7-9h11v9zM56 35h8l9 9H56zM80 55h10',
];
export interface Silhouette {
  /** Lines on a square of 100 units. */
  readonly paths: readonly string[];
  readonly mirrored: boolean;
}
const mirror = (paths: readonly string[]): Silhouette => ({ paths, mirrored: true });
const plain = (paths: readonly string[]): Silhouette => ({ paths, mirrored: false });

const drawings: Readonly<Record<string, Silhouette>> = {
  front: plain(front),
  rear: plain(rear),
  left: plain(side),
  right: mirror(side),
  front_left: plain(quarter),
  rear_right: plain(quarter),
  front_right: mirror(quarter),
  rear_left: mirror(quarter),
  dashboard: plain([
    'M8 66V50c10-10 74-10 84 0v16z',
    'M30 48a13 13 0 1 1 0 26a13 13 0 1 1 0-26M30 56v10M24 64h12',
    'M54 52h24v12H54z',
  ]),
  odometer: plain([
    'M50 18a34 34 0 1 1 0 68a34 34 0 1 1 0-68',
    'M50 52l16-18M36 66h28v10H36z',
    'M24 52h6M70 52h6M50 26v6',
  ]),
  front_seats: plain([
    'M14 82V58c0-6 4-8 11-8s11 2 11 8v24zM17 50l2-22c0-4 2-6 6-6s6 2 6 6l2 22',
    'M64 82V58c0-6 4-8 11-8s11 2 11 8v24zM67 50l2-22c0-4 2-6 6-6s6 2 6 6l2 22',
    'M44 82V64h12v18',
  ]),
  rear_seats: plain([
    'M10 82V60c0-6 4-8 10-8h60c6 0 10 2 10 8v22z',
    'M16 52l3-24c0-4 2-6 6-6h50c4 0 6 2 6 6l3 24',
    'M38 22v30M62 22v30',
  ]),
  boot: plain(['M18 80V48l8-8h48l8 8v32z', 'M26 40l6-24h36l6 24', 'M28 56h44v24H28z']),
  engine_bay: plain([
    'M14 78V52l10-8h52l10 8v26z',
    'M24 44l8-28h36l8 28',
    'M32 54h16v16H32zM54 54h14M54 62h14M54 70h14',
  ]),
  wheel: plain([
    'M50 14a36 36 0 1 1 0 72a36 36 0 1 1 0-72',
    'M50 30a20 20 0 1 1 0 40a20 20 0 1 1 0-40',
    'M50 30v40M31 44l38 12M31 56l38-12',
  ]),
  vin_plate: plain(['M12 34h76v32H12z', 'M20 46h60M20 55h40', 'M17 39h.1M83 39h.1M17 61h.1M83 61h.1']),
};

/** How to frame a shot; null for custom shots. */
export function silhouetteOf(shotName: string): Silhouette | null {
  return Object.hasOwn(drawings, shotName) ? (drawings[shotName] ?? null) : null;
}
