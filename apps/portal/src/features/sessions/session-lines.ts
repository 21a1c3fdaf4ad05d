import type { Session, SessionId, SessionStatus } from '@spinbay/contracts';

/** A session as a line of the list needs it: thousands of shot lists would be held for nothing. */
export type SessionLine = Omit<Session, 'shot_list'>;

/** What the API answered for one stretch of the list. */
export interface ListPage {
  readonly items: readonly SessionLine[];
  /** Of all sessions; null for a search. */
  readonly total: number | null;
  /** Where the next page begins; null on the last one. */
  readonly next: string | null;
}

/** The start of the list, which is read again and again. */
export interface ListHead extends ListPage {
  /** Lines that were in the head and were pushed behind it, where older lines are loaded already. */
  readonly tail: readonly SessionLine[];
}

/** The order of the API: the active ones first, then the newest. */
function inListOrder(a: SessionLine, b: SessionLine): number {
  const active = Number(b.status === 'active') - Number(a.status === 'active');
  if (active !== 0) return active;
  if (a.started_at !== b.started_at) return a.started_at < b.started_at ? 1 : -1;
  return a.id < b.id ? 1 : -1;
}

/** Of what was known of a stretch that was read again: what now stands behind it, and what has left its place. */
export function sortOut(before: readonly SessionLine[], reply: ListPage) {
  const last = reply.items.at(-1);
  // On the last page there is nothing behind.
  if (last === undefined || reply.next === null) return { behind: [], left: [] };
  const shown = new Set(reply.items.map(({ id }) => id));
  const gone = before.filter(({ id }) => !shown.has(id));
  return {
    behind: gone.filter((line) => inListOrder(last, line) < 0),
    left: gone.filter((line) => inListOrder(last, line) > 0),
  };
}

/** The next head of the list, from the one before and what the API says now; `moved` are lines read one by one. */
export function nextHead(before: ListHead, reply: ListPage, moved: readonly SessionLine[]): ListHead {
  const { behind } = sortOut([...moved, ...before.items, ...before.tail], reply);
  return { ...reply, tail: withoutDoubles(behind) };
}

/** A page of older lines that was read again: what it pushed behind its end stays on it. */
export function nextPage(before: ListPage, reply: ListPage): ListPage {
  const { behind } = sortOut(before.items, reply);
  return { ...reply, items: [...reply.items, ...behind], next: behind.length > 0 ? before.next : reply.next };
}

/**
 * True where a new head may have left a hole between itself and the lines known below: of the group that it ends in (the
 * active ones, or the others) it shows none that was there before.
 */
export function isTornOff(reply: ListPage, known: ReadonlySet<SessionId>): boolean {
  const last = reply.items.at(-1);
  if (last === undefined || reply.next === null) return false;
  const group = reply.items.filter((line) => (line.status === 'active') === (last.status === 'active'));
  return group.every(({ id }) => !known.has(id));
}

/** All lines that are known, each once and in order; where there are several of one, the head's is the newest. */
export function mergeLines(head: ListHead, pages: readonly ListPage[]): readonly SessionLine[] {
  if (pages.length === 0) return head.items;
  const inHead = new Set(head.items.map(({ id }) => id));
  const rest = [...pages.flatMap(({ items }) => items), ...head.tail].filter(({ id }) => !inHead.has(id));
  return [...head.items, ...withoutDoubles(rest).sort(inListOrder)];
}

export function fits(line: SessionLine, status: SessionStatus | null): boolean {
  return status === null || line.status === status;
}

function withoutDoubles(lines: readonly SessionLine[]): SessionLine[] {
  const byId = new Map<SessionId, SessionLine>();
  for (const line of lines) if (!byId.has(line.id)) byId.set(line.id, line);
  return [...byId.values()];
}
