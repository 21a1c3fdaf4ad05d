import { type FrameTimes, type Stage, timeOf } from './timeline.ts';

/** A bar for each step that takes time: from one stage to another. */
const bars: readonly { readonly from: Stage; readonly to: Stage; readonly colour: string; readonly words: string }[] = [
  { from: 'shutter', to: 'stored', colour: '#8b5cf6', words: 'compressed and kept on the device' },
  { from: 'stored', to: 'firstByte', colour: '#cbd5e1', words: 'waits for the link' },
  { from: 'firstByte', to: 'uploaded', colour: '#3b82f6', words: 'uploaded' },
  { from: 'uploaded', to: 'pickedUp', colour: '#f59e0b', words: 'queued' },
  { from: 'pickedUp', to: 'processed', colour: '#ef4444', words: 'measured' },
  { from: 'processed', to: 'painted', colour: '#22c55e', words: 'waits for the poll, drawn' },
];

const promiseMs = 60_000;
const [width, left, right, top, row] = [960, 48, 24, 64, 16];
/** About the width of a letter at the size of the legend. */
const letter = 4.6;

/**
 * One line per frame: the upload that was visible first, and its original as a thin line below. Times count from the last
 * photo. Ends a minute after it, so that the first pictures stay readable on a slow link.
 */
export function drawWaterfall(title: string, frames: readonly FrameTimes[]): string {
  const began = Math.min(...frames.map(({ shutter }) => shutter));
  const lastPhoto = Math.max(...frames.map(({ shutter }) => shutter));
  const painted = frames.flatMap(({ first, original }) => [first.painted, original.painted]).filter(Number.isFinite);
  const lastPainted = Math.max(...painted);
  const end = lastPhoto + promiseMs;
  const x = (time: number) => left + ((time - began) / (end - began)) * (width - left - right);
  const bottom = top + frames.length * row;
  const parts: string[] = [];
  const bar = (from: number, to: number, y: number, thick: number, colour: string) => {
    const until = Math.min(to, end);
    if (!(until > from)) return;
    const wide = Math.max(0.5, x(until) - x(from)).toFixed(1);
    parts.push(`<rect x="${x(from).toFixed(1)}" y="${y}" width="${wide}" height="${thick}" fill="${colour}"/>`);
  };
  for (const [k, frame] of frames.entries()) {
    const y = top + k * row;
    parts.push(`<text x="${left - 6}" y="${y + 9}" text-anchor="end">${frame.angle}°</text>`);
    for (const { from, to, colour } of bars)
      bar(timeOf(frame, 'first', from), timeOf(frame, 'first', to), y, 8, colour);
    if (frame.original.uploaded === frame.first.uploaded) continue;
    for (const { from, to, colour } of bars.slice(2))
      bar(timeOf(frame, 'original', from), timeOf(frame, 'original', to), y + 9, 3, colour);
  }
  const earliest = Math.ceil((began - lastPhoto) / 10_000) * 10;
  for (let second = earliest; second <= promiseMs / 1000; second += 10) {
    const tick = x(lastPhoto + second * 1000).toFixed(1);
    parts.push(`<path d="M${tick} ${top - 4}V${bottom}" stroke="#94a3b8" stroke-width="0.4"/>`);
    parts.push(`<text x="${tick}" y="${bottom + 14}" text-anchor="middle">${second} s</text>`);
  }
  const mark = x(lastPhoto).toFixed(1);
  parts.push(`<path d="M${mark} ${top - 8}V${bottom}" stroke="#0f172a" stroke-dasharray="3 2"/>`);
  parts.push(`<text x="${mark}" y="${bottom + 30}" text-anchor="middle">last photo</text>`);
  const originals = `The last original is in place after ${((lastPainted - lastPhoto) / 1000).toFixed(0)} s.`;
  if (lastPainted > end)
    parts.push(`<text x="${width - right}" y="${bottom + 30}" text-anchor="end">${originals}</text>`);
  let place = left;
  const legend = bars.map(({ colour, words }) => {
    const at = place;
    place += 13 + words.length * letter + 18;
    return `<rect x="${at}" y="32" width="9" height="9" fill="${colour}"/><text x="${at + 13}" y="40">${words}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${bottom + 40}" role="img" aria-label="${title}"`,
    ` font-family="sans-serif" font-size="9" fill="#334155">`,
    `<rect width="${width}" height="${bottom + 40}" fill="#fff"/>`,
    `<text x="${left}" y="20" font-size="13" font-weight="bold">${title}</text>`,
    ...legend,
    ...parts,
    '</svg>\n',
  ].join('\n');
}
