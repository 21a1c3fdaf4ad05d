import { type ImageNote, judgeQc, type Qc, type QcThresholds, type QcVersion } from '@spinbay/contracts';
import { motionOf } from './kernel/edge-widths.ts';
import type { QualityMeasures } from './kernel/quality-measures.ts';
import { uprightDirections } from './upright.ts';

/** The properties of a picture other than its pixels. */
export interface PictureFacts {
  /** The size as shown. */
  readonly width: number;
  readonly height: number;
  /** The EXIF orientation (1-8) of the measured picture. Default: 1. */
  readonly orientation?: number;
  /** Left out if it cannot be determined for the file format. */
  readonly damage?: Qc['damage'];
  readonly notes?: readonly ImageNote[];
}

export interface QualityGrade {
  /** The fields of `qc` that depend on the picture alone. */
  readonly qc: Omit<Qc, 'duplicate_of'>;
  readonly version: QcVersion;
  /** `failed` if any check failed. A warning is still `processed`. */
  readonly status: 'processed' | 'failed';
}

/** Grades the measures against the thresholds. */
export function gradeQuality(
  measures: QualityMeasures,
  { width, height, orientation = 1, damage, notes = [] }: PictureFacts,
  thresholds: QcThresholds,
): QualityGrade {
  const figures = figuresOf(measures, orientation);
  const judged = judgeQc({ ...figures, size: { width, height }, damage }, thresholds);
  return {
    qc: {
      sharpness: { ...figures.sharpness, status: judged.sharpness },
      exposure: { ...figures.exposure, status: judged.exposure },
      size: { width, height, status: judged.size ?? 'pass' },
      ...(damage === undefined ? {} : { damage }),
      ...(notes.length === 0 ? {} : { notes: [...notes] }),
    },
    version: judged.version,
    status: judged.status,
  };
}

function figuresOf(
  { sharpness, sharpness1000, edges, edgeLongSide, ...exposure }: QualityMeasures,
  orientation: number,
) {
  const { centre } = exposure;
  const widths = uprightDirections(edges.widths, orientation);
  return {
    sharpness: {
      score: sharpness,
      score_1000: sharpness1000,
      edges: {
        width: hundredths(edges.width),
        widths: widths.map(hundredths),
        count: edges.count,
        long_side: edgeLongSide,
        motion_deg: motionOf(widths),
        ...(edges.region === undefined
          ? {}
          : { region: edges.region, picture_width: hundredths(edges.pictureWidth ?? null) }),
      },
    },
    exposure: {
      clipped_white: exposure.clippedWhite,
      clipped_black: exposure.clippedBlack,
      mean_luma: exposure.meanLuma,
      histogram: binned(exposure.histogram),
      centre: {
        red: centre.red,
        green: centre.green,
        blue: centre.blue,
        luma: centre.luma,
        clipped_white: centre.clippedWhite,
        clipped_black: centre.clippedBlack,
      },
    },
  };
}

function hundredths(width: number | null): number | null {
  return width === null ? null : Math.round(width * 100) / 100;
}

/** 64 bins of four grey values each, as shares in units of 1/10,000. */
function binned(counts: readonly number[]): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return Array.from({ length: 64 }, (_, bin) => {
    const count = counts.slice(bin * 4, bin * 4 + 4).reduce((sum, value) => sum + value, 0);
    return Math.round((count * 10_000) / total);
  });
}
