import type { Sample } from './simulate.ts';

interface Panel {
  readonly title: string;
  readonly samples: readonly Sample[];
}

const [width, left, right, top, height, gap] = [960, 56, 56, 56, 110, 46];
const colours = { tasks: '#3b82f6', backlog: '#f59e0b' };

/** One panel for each run: running tasks as a line on the left axis, waiting messages as an area on the right one. */
export function drawRuns(panels: readonly Panel[]): string {
  const whole = top + panels.length * (height + gap);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${whole}" role="img"`,
    ' aria-label="Running tasks and waiting messages of the simulated curves" font-family="sans-serif" font-size="10"',
    ' fill="#334155">',
    `<rect width="${width}" height="${whole}" fill="#fff"/>`,
    `<rect x="${left}" y="14" width="9" height="9" fill="${colours.tasks}"/>`,
    `<text x="${left + 14}" y="22">running tasks (left)</text>`,
    `<rect x="${left + 130}" y="14" width="9" height="9" fill="${colours.backlog}"/>`,
    `<text x="${left + 144}" y="22">waiting messages (right), simulated</text>`,
    ...panels.flatMap((panel, k) => draw(panel, top + k * (height + gap))),
    '</svg>\n',
  ].join('\n');
}

function draw({ title, samples }: Panel, y: number): string[] {
  const end = samples.at(-1)?.at ?? 1;
  const most = { tasks: largest(samples, 'tasks'), backlog: largest(samples, 'backlog') };
  const x = (at: number) => (left + (at / end) * (width - left - right)).toFixed(1);
  const level = (value: number, of: number) => (y + height * (1 - value / of)).toFixed(1);
  const bottom = y + height;
  const area = samples.map(({ at, backlog }) => `L${x(at)} ${level(backlog, most.backlog)}`).join('');
  let last: number | undefined;
  const line = samples.flatMap(({ at, tasks }) => {
    if (tasks === last) return [];
    const step = last === undefined ? `M${x(at)} ${level(tasks, most.tasks)}` : `H${x(at)}V${level(tasks, most.tasks)}`;
    last = tasks;
    return [step];
  });
  const ticks = Array.from({ length: Math.floor(end / 600) + 1 }, (_, k) => 10 * k);
  return [
    `<text x="${left}" y="${y - 8}" font-weight="bold">${title}</text>`,
    ...ticks.map(
      (minute) =>
        `<path d="M${x(60 * minute)} ${y}V${bottom}" stroke="#e2e8f0" stroke-width="0.5"/>` +
        `<text x="${x(60 * minute)}" y="${bottom + 13}" text-anchor="middle">${minute} min</text>`,
    ),
    `<path d="M${left} ${bottom}${area}V${bottom}Z" fill="${colours.backlog}" fill-opacity="0.6"/>`,
    `<path d="${line.join('')}H${x(end)}" fill="none" stroke="${colours.tasks}" stroke-width="1.5"/>`,
    `<path d="M${left} ${bottom}H${width - right}" stroke="#94a3b8"/>`,
    `<text x="${left - 6}" y="${y + 8}" text-anchor="end">${most.tasks}</text>`,
    `<text x="${left - 6}" y="${bottom}" text-anchor="end">0</text>`,
    `<text x="${width - right + 6}" y="${y + 8}">${most.backlog.toLocaleString('en')}</text>`,
    `<text x="${width - right + 6}" y="${bottom}">0</text>`,
  ];
}

function largest(samples: readonly Sample[], of: 'tasks' | 'backlog'): number {
  return Math.max(1, ...samples.map((sample) => sample[of]));
}
