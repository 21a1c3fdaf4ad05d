import type { Exif, ImageId, Qc, QcThresholds, QcVersion, UploadKind } from '@spinbay/contracts';
import type { NewRendition } from '../renditions/record-renditions.ts';
import type { UploadState } from '../uploads/upload-state.ts';

/** The worker's result for an upload. */
export type ImageOutcome =
  | {
      readonly kind: 'measured';
      readonly width: number;
      readonly height: number;
      readonly exif: Exif;
      /** The figures. `completeImage` sets their statuses. */
      readonly qc: Qc;
      /** The thresholds of the installation. The choice of the organization overrides them. */
      readonly judgeBy: QcThresholds;
      /** 64-bit perceptual hash, 16 hex digits. */
      readonly phash: string;
      readonly colourGrid: Uint8Array;
      readonly renditions: readonly NewRendition[];
    }
  | { readonly kind: 'rejected'; readonly code: string; readonly message: string };

/** An outcome with its verdict. */
export type JudgedOutcome =
  | (Extract<ImageOutcome, { kind: 'measured' }> & {
      readonly status: 'processed' | 'failed';
      readonly qcVersion: QcVersion;
    })
  | Extract<ImageOutcome, { kind: 'rejected' }>;

/** An upload that is being completed. */
export interface CompletedUpload {
  readonly imageId: ImageId;
  readonly kind: UploadKind;
  readonly state: UploadState;
  readonly storageKey: string;
  readonly sha256: string | null;
  readonly sizeBytes: number;
}
