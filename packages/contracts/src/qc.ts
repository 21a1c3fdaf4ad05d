import { z } from 'zod';
import { ImageId } from './ids.ts';

export const SharpnessStatus = z.enum(['pass', 'warn', 'fail']);
const PartStatus = z.enum(['pass', 'warn', 'fail']);
export const ExposureStatus = z.enum(['pass', 'fail']);

/** Oddities of a file that change no verdict, in words for a reviewer. */
export const imageNotes = {
  no_end_marker: 'the file lacks its end marker; the picture is complete',
  capture_time_implausible: 'the camera wrote an impossible date, which was left out',
  exif_orientation_ignored: 'the EXIF data name a turn, which HEIC files do not follow',
} as const;
export type ImageNote = keyof typeof imageNotes;

/** Of the middle half of width and height. Exposure and white balance are compared across a spin by it. */
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

/** How wide edges are: unlike the scores it does not depend on how much detail there is. */
const QcEdges = z
  .object({
    width: z.number().nullable().meta({
      description:
        'of the direction with the widest edges, between 10 and 90 % of their height; null without clear edges',
    }),
    widths: z.array(z.number().nullable()).length(4).meta({ description: 'crossed at 0, 45, 90 and 135 degrees' }),
    count: z.int().meta({ description: 'edges that were found' }),
    long_side: z.int().meta({ description: 'of the picture that the pixels are of: 1600, or less for a smaller one' }),
    motion_deg: z.number().nullable().meta({ description: 'direction of a smear; null without one' }),
  })
  .meta({ description: 'how wide the edges of the middle of the picture are, in pixels' });

/**
 * What the worker measured on the full-resolution picture. Raw figures are kept, so that thresholds can be redrawn. Those that
 * are optional were not measured from the beginning.
 */
export const Qc = z
  .object({
    sharpness: z.object({
      score: z.number().meta({ description: 'variance of the Laplacian of the grey picture' }),
      score_1000: z
        .number()
        .optional()
        .meta({ description: 'the same of the picture reduced to a long side of 1000 px by area averaging' }),
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
        .meta({ description: 'of the grey values, four to a bin, in pixels of ten thousand' }),
      centre: QcCentre.optional(),
    }),
    size: z
      .object({ status: PartStatus, width: z.int(), height: z.int() })
      .optional()
      .meta({ description: 'whether the picture is large enough for any use; as shown, in pixels' }),
    damage: z
      .object({
        status: PartStatus,
        faults: z.int().meta({ description: 'places where the coded data contradict themselves' }),
      })
      .optional()
      .meta({ description: 'of JPEGs: whether the file is whole. Parts of a damaged picture are not what was shot' }),
    notes: z
      .array(z.string())
      .optional()
      .meta({ description: `what was odd and did no harm: ${Object.keys(imageNotes).join(', ')}` }),
    duplicate_of: ImageId.optional().meta({ description: 'an earlier image of the organization with the same bytes' }),
  })
  .meta({ id: 'Qc' });
export type Qc = z.output<typeof Qc>;

/**
 * The rules that judged, `images.qc_version`: 1 the sharpness at full size and the clipping of the whole picture, 2 the sharpness
 * at 1000 px and the clipping of the centre, 3 the width of edges and the tones of the centre.
 */
export type QcVersion = 1 | 2 | 3;

/** What the camera wrote. */
export const Exif = z
  .object({
    iso: z.number().nullable(),
    shutter_s: z.number().nullable().meta({ description: 'exposure time in seconds' }),
    aperture_f: z.number().nullable().meta({ description: 'f-number' }),
    focal_length_mm: z.number().nullable(),
    taken_at: z.string().nullable().meta({ description: 'ISO 8601, with an offset where the camera wrote one' }),
    orientation: z.int().nullable().meta({ description: '1..8; width and height are given as shown' }),
    make: z.string().nullable(),
    model: z.string().nullable(),
    gps: z
      .object({ lat: z.number().min(-90).max(90), lon: z.number().min(-180).max(180) })
      .optional()
      .meta({ description: 'where it was taken, in degrees (WGS 84): only where the organization keeps it' }),
  })
  .meta({ id: 'Exif' });
export type Exif = z.output<typeof Exif>;
