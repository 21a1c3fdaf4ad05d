import { z } from 'zod';
import { lineOfText } from './text.ts';

export const SessionMode = z.enum(['studio360', 'stills']).meta({ id: 'SessionMode' });
export type SessionMode = z.output<typeof SessionMode>;

/** The name of a shot: lower-case words joined by `_`, e.g. `front_left`. */
export const ShotName = z
  .string()
  .regex(/^[a-z0-9]+(_[a-z0-9]+)*$/, 'lower-case words joined by "_", e.g. front_left')
  .max(64);

/** Degrees clockwise as seen from above; 0 is the front of the car. */
export const Angle = z.number().min(0).lt(360);

/** Short enough that a session with 200 shots fits into a request of the standard size in any script. */
export const ShotLabel = lineOfText(60);

const Still = z.object({
  name: ShotName,
  label: ShotLabel.optional().meta({ description: 'what operators read; without it, they read the words of the name' }),
  required: z.boolean().default(true),
});

/** The most shots of a session. */
export const maxShots = 200;

/** Named shots in shooting order. */
export const Stills = z
  .array(Still)
  .min(1)
  .max(maxShots)
  .refine((shots) => new Set(shots.map((s) => s.name)).size === shots.length, 'shot names must differ');
export type Stills = z.output<typeof Stills>;

/**
 * The required content of a session: `{ studio360: { frame_count: 24 } }` or `{ stills: [{ name, label, required }] }`.
 * `frame_count` divides 360, so every angle is an integer.
 */
export const ShotList = z
  .object({
    studio360: z
      .object({
        frame_count: z
          .int()
          .min(1)
          .max(360)
          .refine((n) => 360 % n === 0, 'must divide 360, e.g. 12, 24 or 36'),
      })
      .optional(),
    stills: Stills.optional(),
  })
  .meta({ id: 'ShotList' });
export type ShotList = z.output<typeof ShotList>;

const stillsPreset: [name: string, required: boolean][] = [
  ['front', true],
  ['front_left', true],
  ['left', true],
  ['rear_left', true],
  ['rear', true],
  ['rear_right', true],
  ['right', true],
  ['front_right', true],
  ['dashboard', true],
  ['odometer', true],
  ['front_seats', true],
  ['rear_seats', true],
  ['boot', false],
  ['engine_bay', false],
  ['wheel', false],
  ['vin_plate', false],
];

/** The shot list of a session that is created without one. */
export function defaultShotList(mode: SessionMode): ShotList {
  return mode === 'studio360'
    ? { studio360: { frame_count: 24 } }
    : { stills: stillsPreset.map(([name, required]) => ({ name, required })) };
}

/** A place in the shot list that one frame fills: an angle of the spin or a named shot. */
export interface Slot {
  readonly angle_deg: number | null;
  readonly shot_name: string | null;
}

/** All slots of a shot list in shooting order. */
export function slotsOf(list: ShotList): Slot[] {
  const count = list.studio360?.frame_count ?? 0;
  const angles = Array.from({ length: count }, (_, k) => ({ angle_deg: (k * 360) / count, shot_name: null }));
  const shots = (list.stills ?? []).map((shot) => ({ angle_deg: null, shot_name: shot.name }));
  return [...angles, ...shots];
}

/** The key of a slot: `angle_15`, `shot_front_left`, or `none` for a frame without a slot. */
export function slotKey(slot: Slot): string {
  if (slot.angle_deg !== null) return `angle_${slot.angle_deg}`;
  return slot.shot_name === null ? 'none' : `shot_${slot.shot_name}`;
}

/**
 * Parses the slot from a file name: `angle_015.jpg` is the slot at 15 degrees, and `shot_front_left.jpg` is the shot
 * `front_left`. Other names have no slot.
 */
export function slotFromFileName(fileName: string): Slot {
  const stem = fileName.replace(/\.[^.]*$/, '').toLowerCase();
  const angle = /^angle_(\d{1,3}(?:\.\d{1,3})?)$/.exec(stem)?.[1];
  if (angle !== undefined && Number(angle) < 360) return { angle_deg: Number(angle), shot_name: null };
  const shot = /^shot_(.+)$/.exec(stem)?.[1];
  if (shot !== undefined && ShotName.safeParse(shot).success) return { angle_deg: null, shot_name: shot };
  return { angle_deg: null, shot_name: null };
}
