import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@spinbay/client';
import { SessionId } from '@spinbay/contracts';
import type { Installation } from '../../tests/e2e/support/installation.ts';
import { framesPerSpin, type Operator } from './operators.ts';

/** A spin every three minutes: 24 frames, one every 3 s, then the next car is brought. */
export const spinSeconds = 180;
const frameSeconds = 3;
const pollMs = 3_000;
/** The longest wait for the last frames. Frames that are not seen by then count as never seen. */
const drainTimeoutMs = 180_000;

export interface EvenLoad {
  /** Seconds from each photo until a portal showed the frame as measured. */
  readonly seconds: readonly number[];
  /** Frames that no portal had shown when the last one was shot. */
  readonly backlog: number;
  readonly polls: number;
}

interface Shot {
  readonly shutter: number;
  readonly sessionId: string;
  readonly angle: number;
}

/** Lets operators shoot for some time, with starts spread over the three minutes, while portals watch all sessions. */
export async function runEvenly(
  { endpoints }: Installation,
  token: string,
  operators: readonly Operator[],
  { seconds, portals }: { seconds: number; portals: number },
): Promise<EvenLoad> {
  const began = Date.now();
  const ends = began + seconds * 1000;
  const shots: Shot[] = [];
  const seen = new Map<string, number>();
  const sessions = new Set<string>();
  const sending: Promise<void>[] = [];
  let isWatching = true;
  let polls = 0;

  const shootAsOne = async (operator: Operator, phase: number) => {
    // Some operators are in the middle of a car when the measurement starts, as at any other time.
    for (let spin = began - phase * spinSeconds * 1000; spin < ends; spin += spinSeconds * 1000) {
      let sessionId: string | undefined;
      for (let frame = 0; frame < framesPerSpin; frame++) {
        const shutter = spin + frame * frameSeconds * 1000;
        if (shutter < began || shutter >= ends) continue;
        await sleep(Math.max(0, shutter - Date.now()));
        sessionId ??= await operator.begin();
        sessions.add(sessionId);
        shots.push({ shutter, sessionId, angle: (frame * 360) / framesPerSpin });
        await operator.shoot(sessionId, frame);
      }
    }
  };

  const watchAsOne = async (portal: number) => {
    const client = createClient({ baseUrl: endpoints.api, token: () => token, timeoutMs: 60_000 });
    const etags = new Map<string, string>();
    await sleep((portal / portals) * pollMs);
    while (isWatching) {
      const due = Date.now() + pollMs;
      const open = [...sessions];
      // With fewer portals than sessions, each watches several. With more, several watch the same one.
      const mine = open.filter((_, k) => k % portals === portal % Math.max(1, open.length));
      for (const id of mine) {
        const etag = etags.get(id);
        const { body, headers } = await client.listImages(
          { query: { session_id: SessionId.parse(id) } },
          etag === undefined ? {} : { headers: { 'if-none-match': etag } },
        );
        polls += 1;
        if (headers.etag !== undefined) etags.set(id, headers.etag);
        for (const { angle_deg, status } of body?.items ?? []) {
          const name = `${id} ${angle_deg}`;
          if (status !== 'pending' && !seen.has(name)) seen.set(name, Date.now());
        }
      }
      await sleep(Math.max(0, due - Date.now()));
    }
  };

  const watching = Array.from({ length: portals }, (_, portal) => watchAsOne(portal));
  for (const [k, operator] of operators.entries()) sending.push(shootAsOne(operator, k / operators.length));
  await sleep(ends - Date.now());
  const isSeen = ({ sessionId, angle }: Shot) => seen.has(`${sessionId} ${angle}`);
  const backlog = shots.filter((shot) => !isSeen(shot)).length;
  await Promise.all(sending);
  const deadline = Date.now() + drainTimeoutMs;
  while (!shots.every(isSeen) && Date.now() < deadline) await sleep(200);
  isWatching = false;
  await Promise.all(watching);
  return {
    seconds: shots.map(
      ({ shutter, sessionId, angle }) =>
        ((seen.get(`${sessionId} ${angle}`) ?? Number.POSITIVE_INFINITY) - shutter) / 1000,
    ),
    backlog,
    polls,
  };
}
