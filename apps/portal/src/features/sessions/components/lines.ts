import type { SessionLine } from '../session-lines.ts';

/** The props of both layouts of the list. */
export interface LinesProps {
  readonly lines: readonly SessionLine[];
  /** The number of all sessions, loaded or not; null if unknown. */
  readonly total: number | null;
  /** Called with the id of the line in the middle of the window. */
  readonly onLookAt: (id: string | null) => void;
  readonly onNearEnd: () => void;
}
