// CPU time of other processes, from /proc.
import { readdirSync, readFileSync } from 'node:fs';

export const canReadCpu = process.platform === 'linux';

/** CPU time in ms of a process (`own`) and of its running `children`, each with its ended children. Ticks are 10 ms. */
export function cpuOf(pid) {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean),
  );
  return { own: ticks(pid), children: children.reduce((sum, child) => sum + ticks(child), 0) };
}

function ticks(pid) {
  // The name of a process, in parentheses, may contain spaces.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ');
  // User and system time of the process and of the children it has waited for.
  return fields.slice(11, 15).reduce((sum, count) => sum + 10 * Number(count), 0);
}
