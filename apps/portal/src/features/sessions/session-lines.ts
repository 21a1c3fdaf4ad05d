import type { Session, SessionId, SessionStatus } from '@spinbay/contracts';

/** The fields of a session for a line of the list, without the shot list, which would waste memory. */
export type SessionLine = Omit<Session, 'shot_list'>;

/** The API's reply for a part of the list. */
export interface ListPage {
  readonly items: readonly SessionLine[];
  /** The number of all sessions; null for a search. */
  readonly total: number | null;
  /** The start of the next page; null on the last page. */
  readonly next: string | null;
}

/** The start of the list, which is polled. */
export interface ListHead extends ListPage {
  /** Lines that were pushed out of the head, if older lines are loaded. */
  readonly tail: readonly SessionLine[];
}

/** The order of the API: active sessions first, then the newest. */
function inListOrder(a: SessionLine, b: SessionLine): number {
  const active = Number(b.status === 'active') - Number(a.status === 'active');
  if (active !== 0) return active;
  if (a.started_at !== b.started_at) return a.started_at < b.started_at ? 1 : -1;
  return a.id < b.id ? 1 : -1;
}

/** The lines that a refreshed part no longer contains: those that are now after its end, and those that moved elsewhere. */
export function missingLines(before: readonly SessionLine[], reply: ListPage) {
  const last = reply.items.at(-1);
  // Nothing follows the last page.
  if (last === undefined || reply.next === null) return { behind: [], moved: [] };
  const shown = new Set(reply.items.map(({ id }) => id));
  const gone = before.filter(({ id }) => !shown.has(id));
  return {
    behind: gone.filter((line) => inListOrder(last, line) < 0),
    moved: gone.filter((line) => inListOrder(last, line) > 0),
  };
}

/** The new head of the list, from the previous one and the API's reply. `moved`: lines that were read individually. */
export function nextHead(before: ListHead, reply: ListPage, moved: readonly SessionLine[]): ListHead {
  const { behind } = missingLines([...moved, ...before.items, ...before.tail], reply);
  return { ...reply, tail: withoutDuplicates(behind) };
}

/** A refreshed page of older lines. Lines that were pushed beyond its end stay on it. */
export function nextPage(before: ListPage, reply: ListPage): ListPage {
  const { behind } = missingLines(before.items, reply);
  return { ...reply, items: [...reply.items, ...behind], next: behind.length > 0 ? before.next : reply.next };
}

/**
 * Whether lines may be missing between a new head and the known lines below it. This is so if no line of its last group
 * (active or other sessions) is known.
 */
export function mayHaveGap(reply: ListPage, known: ReadonlySet<SessionId>): boolean {
  const last = reply.items.at(-1);
  if (last === undefined || reply.next === null) return false;
  const group = reply.items.filter((line) => (line.status === 'active') === (last.status === 'active'));
  return group.every(({ id }) => !known.has(id));
}

/** All known lines in order and without duplicates. The head has the newest version of a line. */
export function mergeLines(head: ListHead, pages: readonly ListPage[]): readonly SessionLine[] {
  if (pages.length === 0) return head.items;
  const inHead = new Set(head.items.map(({ id }) => id));
  const rest = [...pages.flatMap(({ items }) => items), ...head.tail].filter(({ id }) => !inHead.has(id));
  return [...head.items, ...withoutDuplicates(rest).sort(inListOrder)];
}

export function fits(line: SessionLine, status: SessionStatus | null): boolean {
  return status === null || line.status === status;
}

function withoutDuplicates(lines: readonly SessionLine[]): SessionLine[] {
  const byId = new Map<SessionId, SessionLine>();
  for (const line of lines) if (!byId.has(line.id)) byId.set(line.id, line);
  return [...byId.values()];
}
