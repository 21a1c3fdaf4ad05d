import { z } from 'zod';
import { ImageId } from './ids.ts';

export const SharpnessStatus = z.enum(['pass', 'warn', 'fail']);
export const ExposureStatus = z.enum(['pass', 'fail']);

/** What the worker measured on the full-resolution picture (QC version 1). Raw figures are kept, so that thresholds can be redrawn. */
export const Qc = z
  .object({
    sharpness: z.object({
      score: z.number().meta({ description: 'variance of the Laplacian of the grey picture' }),
      status: SharpnessStatus,
    }),
    exposure: z.object({
      status: ExposureStatus,
      clipped_white: z.number().meta({ description: 'share of pure white pixels, 0..1' }),
      clipped_black: z.number().meta({ description: 'share of pure black pixels, 0..1' }),
      mean_luma: z.number().meta({ description: '0..255' }),
    }),
    duplicate_of: ImageId.optional().meta({ description: 'an earlier image of the organization with the same bytes' }),
  })
  .meta({ id: 'Qc' });
export type Qc = z.output<typeof Qc>;

/** The version of the rules that judged, `images.qc_version`. */
export const qcVersion = 1;

/** What the camera wrote. GPS is never read. */
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
  })
  .meta({ id: 'Exif' });
export type Exif = z.output<typeof Exif>;
