import type { SessionLine } from '../session-lines.ts';

/** What either layout of the list is handed. */
export interface LinesProps {
  readonly lines: readonly SessionLine[];
  /** Of all sessions, loaded or not; null where nobody knows. */
  readonly total: number | null;
  readonly onLookAt: (id: string | null) => void;
  readonly onNearEnd: () => void;
}
