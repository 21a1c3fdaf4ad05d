// A reviewer who works in their own organization, for the benchmark `fairness`. Gets its task by IPC, and sends back the
// duration of each request in milliseconds.
import { once } from 'node:events';
import { sessionId, stockOf } from '../support/generate.ts';
import { createGetter } from '../support/http.ts';

export interface QuietPerson {
  readonly url: string;
  readonly token: string;
  readonly forMs: number;
  /** The number of all sessions. Those of this organization have odd numbers. */
  readonly sessions: number;
}

/** The time that a person looks at something, in milliseconds. */
const pauseMs = 20;

const [task] = (await once(process, 'message')) as [QuietPerson];
const getter = createGetter({ maxSockets: 1 });
const headers = { authorization: `Bearer ${task.token}` };
const latencies: number[] = [];
const end = performance.now() + task.forMs;
for (let number = 1; performance.now() < end; number += 1) {
  const session = (number * 2 + 1) % task.sessions;
  const paths = [
    '/sessions?limit=50',
    `/sessions/${sessionId(session)}`,
    `/images?session_id=${sessionId(session)}`,
    `/sessions?q=${stockOf(session)}`,
  ];
  const answer = await getter.get(`${task.url}${paths[number % paths.length]}`, headers);
  if (answer.status !== 200) throw new Error(`the quiet organization was answered ${answer.status}: ${answer.body}`);
  latencies.push(answer.ms);
  await new Promise((resolve) => setTimeout(resolve, pauseMs));
}
getter.close();
process.send?.(latencies, undefined, undefined, () => process.disconnect());
