import { z } from 'zod';
import { ImageId } from './ids.ts';

export const SharpnessStatus = z.enum(['pass', 'warn', 'fail']);
const PartStatus = z.enum(['pass', 'warn', 'fail']);
export const ExposureStatus = z.enum(['pass', 'fail']);

/** Oddities of a file that do not change the verdict, with texts for reviewers. */
export const imageNotes = {
  no_end_marker: 'the file lacks its end marker; the picture is complete',
  capture_time_implausible: 'the camera wrote an impossible date, which was left out',
  exif_orientation_ignored: 'the EXIF data ask for a rotation, which does not apply to HEIC files',
} as const;
export type ImageNote = keyof typeof imageNotes;

/** Measures of the middle half of width and height. By their clipped shares, `v2` and `v3` judge the exposure. */
const QcCentre = z
  .object({
    red: z.number(),
    green: z.number(),
    blue: z.number(),
    luma: z.number(),
    clipped_white: z.number(),
    clipped_black: z.number(),
  })
  .meta({ description: 'means (0..255) and clipped shares (0..1) of the middle half of width and height' });

/** Unlike the scores, the width of edges does not depend on the amount of detail. */
const QcEdges = z
  .object({
    width: z.number().nullable().meta({
      description:
        'measured in the direction with the widest edges, from 10 to 90 % of the change in brightness; null without clear edges',
    }),
    widths: z.array(z.number().nullable()).length(4).meta({ description: 'measured along 0, 45, 90 and 135 degrees' }),
    count: z.int().meta({ description: 'number of edges that were found' }),
    long_side: z
      .int()
      .meta({ description: 'long side of the picture to which the pixels refer: 1600, or less for a smaller picture' }),
    motion_deg: z.number().nullable().meta({ description: 'direction of the motion blur; null without one' }),
    region: z.enum(['car']).optional().meta({
      description: 'car: only edges of the car were measured; missing: those of the whole picture',
    }),
    picture_width: z
      .number()
      .nullable()
      .optional()
      .meta({ description: 'width in the whole picture, if only the car was measured' }),
  })
  .meta({ description: 'width of the edges, in pixels' });

/**
 * What the worker measured on the picture of an upload. Raw figures are stored, so that thresholds can change later.
 * Optional figures were added later; old frames lack them.
 */
export const Qc = z
  .object({
    sharpness: z.object({
      score: z.number().meta({ description: 'variance of the Laplacian of the grey picture' }),
      score_1000: z
        .number()
        .optional()
        .meta({ description: 'the same for the picture reduced to a long side of 1000 px by area averaging' }),
      edges: QcEdges.optional(),
      status: SharpnessStatus,
    }),
    exposure: z.object({
      status: ExposureStatus,
      clipped_white: z.number().meta({ description: 'share of pure white pixels, 0..1' }),
      clipped_black: z.number().meta({ description: 'share of pure black pixels, 0..1' }),
      mean_luma: z.number().meta({ description: '0..255' }),
      histogram: z
        .array(z.int())
        .length(64)
        .optional()
        .meta({ description: 'histogram of the grey values, four values per bin, counted per ten thousand pixels' }),
      centre: QcCentre.optional(),
    }),
    size: z
      .object({ status: PartStatus, width: z.int(), height: z.int() })
      .optional()
      .meta({ description: 'whether the picture is large enough; as displayed, in pixels' }),
    damage: z
      .object({
        status: PartStatus,
        faults: z.int().meta({ description: 'number of places where the coded data are inconsistent' }),
        flat_share: z.number().optional().meta({
          description:
            'share of the height that has a single colour because the data before it are broken, measured from the bottom of the stored picture; missing if there is no such part',
        }),
      })
      .optional()
      .meta({
        description:
          'whether the file is intact. Parts of a damaged picture differ from the photo. HEIC: present only with a flat part',
      }),
    notes: z
      .array(z.string())
      .optional()
      .meta({ description: `harmless oddities: ${Object.keys(imageNotes).join(', ')}` }),
    duplicate_of: ImageId.optional().meta({ description: 'an earlier image of the organization with the same bytes' }),
  })
  .meta({ id: 'Qc' });
export type Qc = z.output<typeof Qc>;

/** The rules that judged a frame (`images.qc_version`): the number of their `QcProfile`. */
export type QcVersion = 1 | 2 | 3;

/** The EXIF data of the camera. */
export const Exif = z
  .object({
    iso: z.number().nullable(),
    shutter_s: z.number().nullable().meta({ description: 'exposure time in seconds' }),
    aperture_f: z.number().nullable().meta({ description: 'f-number' }),
    focal_length_mm: z.number().nullable(),
    taken_at: z.string().nullable().meta({ description: 'ISO 8601, with an offset if the camera recorded one' }),
    orientation: z.int().nullable().meta({ description: '1..8; width and height are already rotated for display' }),
    make: z.string().nullable(),
    model: z.string().nullable(),
    gps: z
      .object({ lat: z.number().min(-90).max(90), lon: z.number().min(-180).max(180) })
      .optional()
      .meta({ description: 'where it was taken, in degrees (WGS 84); only if the organization keeps GPS positions' }),
  })
  .meta({ id: 'Exif' });
export type Exif = z.output<typeof Exif>;
