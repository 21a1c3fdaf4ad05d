/** What is known of a frame: judged (`pass`, `warn`, `fail`), on its way (`pending`), or never taken (`missing`). */
export type FrameQc = 'pass' | 'warn' | 'fail' | 'pending' | 'missing';

/** One place of the spin. Without `src600` it is a gap, which the nearest picture bridges. */
export interface ViewerFrame {
  /** Degrees around the vehicle; taken modulo 360. */
  readonly angle_deg: number;
  readonly qc: FrameQc;
  /** URL of the picture for turning, about 600 px wide. */
  readonly src600?: string | null | undefined;
  /** URL of the picture shown when the turning rests, about 1200 px wide. */
  readonly src1200?: string | null | undefined;
  /** Resolves with the URL of the photo as it was taken; asked only when somebody zooms in on it. */
  readonly original?: (() => Promise<string>) | null | undefined;
  /** Shown beside the verdict, such as why the frame failed. Plain text. */
  readonly label?: string | undefined;
  /** Names the picture while its URL changes, as a signed one does: a loaded picture with this id is not fetched again. */
  readonly id?: string | undefined;
}

/** What tells two pictures apart; null for a gap. */
export function pictureKey(frame: ViewerFrame): string | null {
  return frame.src600 ? (frame.id ?? frame.src600) : null;
}
