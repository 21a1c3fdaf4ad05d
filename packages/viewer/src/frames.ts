/** The state of a frame: its verdict, or uploading or processing (`pending`), or not taken (`missing`). */
export type FrameQc = 'pass' | 'warn' | 'fail' | 'pending' | 'missing';

/** A slot of the spin. Without `src600`, it is a gap, which shows the nearest picture. */
export interface ViewerFrame {
  /** Degrees around the vehicle, modulo 360. */
  readonly angle_deg: number;
  readonly qc: FrameQc;
  /** The URL of the picture for turning, about 600 px wide. */
  readonly src600?: string | null | undefined;
  /** The URL of the picture shown at rest, about 1200 px wide. */
  readonly src1200?: string | null | undefined;
  /** Resolves with the URL of the original photo. Called only when the user zooms in. */
  readonly original?: (() => Promise<string>) | null | undefined;
  /** Plain text shown beside the verdict, such as the reason of a failure. */
  readonly label?: string | undefined;
  /** Identifies the picture while its signed URL changes: a loaded picture with this id is not fetched again. */
  readonly id?: string | undefined;
}

/** Identifies a picture. Null for a gap. */
export function pictureKey(frame: ViewerFrame): string | null {
  return frame.src600 ? (frame.id ?? frame.src600) : null;
}
