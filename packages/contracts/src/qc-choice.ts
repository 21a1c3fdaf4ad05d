import { z } from 'zod';
import type { Qc, QcVersion } from './qc.ts';
import { judgeQc, QcProfile, type QcThresholds } from './qc-rules.ts';

/** In pixels. Widths below 1 cannot be measured, and edges 10 pixels wide are never sharp. */
export const EdgeWidthLimit = z.number().min(1).max(10);

/** In pixels. */
export const MinLongSide = z.int().min(100).max(20_000);

/** How an organization judges its frames. Null: the value of the installation applies. */
export interface QcChoice {
  readonly qc_profile: QcProfile | null;
  readonly qc_edge_width_fail: number | null;
  readonly qc_min_long_side: number | null;
}

export const qcChoiceFields = {
  qc_profile: QcProfile.nullable().meta({
    description: 'the rules that judge frames; null: those of the installation',
  }),
  qc_edge_width_fail: EdgeWidthLimit.nullable().meta({
    description:
      'v3: edges wider than this fail, in pixels at 1600 px; null: the limit of the installation. The limit for warnings changes in proportion',
  }),
  qc_min_long_side: MinLongSide.nullable().meta({
    description:
      'photos whose long side has fewer pixels fail, and cameras below it cannot shoot; null: the limit of the installation',
  }),
};

/** The thresholds of an organization: its own choice, and those of the installation for everything else. */
export function thresholdsOf(installation: QcThresholds, choice: QcChoice): QcThresholds {
  const { edge_width_warn, edge_width_fail, size_fail } = installation;
  const fail = choice.qc_edge_width_fail ?? edge_width_fail;
  const share = edge_width_fail > 0 ? edge_width_warn / edge_width_fail : 1;
  return {
    ...installation,
    profile: choice.qc_profile ?? installation.profile,
    edge_width_warn: choice.qc_edge_width_fail === null ? edge_width_warn : fail * share,
    edge_width_fail: fail,
    size_fail: choice.qc_min_long_side ?? size_fail,
  };
}

/** The thresholds for previews, which are small on purpose. */
export function previewThresholds(thresholds: QcThresholds): QcThresholds {
  return { ...thresholds, size_fail: 0, size_warn: 0 };
}

export interface JudgedQc {
  readonly qc: Qc;
  readonly version: QcVersion;
  readonly status: 'processed' | 'failed';
}

/** Judges stored figures again, without the picture: keeps the figures and replaces the statuses. Pure. */
export function judgeAgain(qc: Qc, thresholds: QcThresholds): JudgedQc {
  const judged = judgeQc(qc, thresholds);
  return {
    qc: {
      ...qc,
      sharpness: { ...qc.sharpness, status: judged.sharpness },
      exposure: { ...qc.exposure, status: judged.exposure },
      ...(qc.size && judged.size ? { size: { ...qc.size, status: judged.size } } : {}),
    },
    version: judged.version,
    status: judged.status,
  };
}
