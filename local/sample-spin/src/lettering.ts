/** Characters of the number plate and the turntable as strokes in a box of width 1 and height 1.5, with y downwards. */
type Stroke = readonly (readonly [number, number])[];

const round = (cx: number, cy: number, rx: number, ry: number, from: number, to: number): Stroke =>
  Array.from({ length: 13 }, (_, i) => {
    const angle = ((from + ((to - from) * i) / 12) * Math.PI) / 180;
    return [cx + rx * Math.cos(angle), cy + ry * Math.sin(angle)] as const;
  });

const glyphs: Readonly<Record<string, readonly Stroke[]>> = {
  S: [[...round(0.5, 0.37, 0.42, 0.37, -30, -270), ...round(0.5, 1.12, 0.44, 0.38, -90, 150)]],
  P: [[[0.1, 1.5], [0.1, 0], [0.5, 0], ...round(0.5, 0.41, 0.42, 0.41, -90, 90), [0.1, 0.82]]],
  I: [
    [
      [0.5, 0],
      [0.5, 1.5],
    ],
  ],
  N: [
    [
      [0.08, 1.5],
      [0.08, 0],
      [0.92, 1.5],
      [0.92, 0],
    ],
  ],
  B: [
    [[0.1, 0], [0.1, 1.5], [0.52, 1.5], ...round(0.52, 1.1, 0.42, 0.4, 90, -90), [0.1, 0.7]],
    [[0.1, 0], [0.5, 0], ...round(0.5, 0.35, 0.36, 0.35, -90, 90)],
  ],
  A: [
    [
      [0.04, 1.5],
      [0.5, 0],
      [0.96, 1.5],
    ],
    [
      [0.2, 1],
      [0.8, 1],
    ],
  ],
  Y: [
    [
      [0.04, 0],
      [0.5, 0.75],
      [0.96, 0],
    ],
    [
      [0.5, 0.75],
      [0.5, 1.5],
    ],
  ],
  '0': [round(0.5, 0.75, 0.4, 0.75, 0, 360)],
  '1': [
    [
      [0.2, 0.3],
      [0.55, 0],
      [0.55, 1.5],
    ],
  ],
  '2': [[...round(0.5, 0.42, 0.4, 0.42, -170, 40), [0.08, 1.5], [0.94, 1.5]]],
  '3': [[...round(0.48, 0.37, 0.38, 0.37, -160, 90), ...round(0.48, 1.12, 0.42, 0.38, -90, 160)]],
  '4': [
    [
      [0.75, 1.5],
      [0.75, 0],
      [0.05, 1.05],
      [0.98, 1.05],
    ],
  ],
  '5': [[[0.88, 0], [0.2, 0], [0.12, 0.66], ...round(0.48, 1.02, 0.42, 0.48, -130, 150)]],
  '6': [[[0.75, 0], ...round(0.5, 1.04, 0.4, 0.46, -150, 210)]],
  '7': [
    [
      [0.06, 0],
      [0.94, 0],
      [0.4, 1.5],
    ],
  ],
  '8': [round(0.5, 0.37, 0.36, 0.37, 0, 360), round(0.5, 1.11, 0.42, 0.39, 0, 360)],
  '9': [[...round(0.5, 0.46, 0.4, 0.46, 30, 390), [0.25, 1.5]]],
};

export interface Texture {
  readonly width: number;
  readonly height: number;
  /** 0 (empty) to 1 (covered by a stroke). */
  readonly data: Float32Array;
}

interface TextOptions {
  readonly text: string;
  /** The centre of the text, in texels. */
  readonly x: number;
  readonly y: number;
  /** The height of a letter and the width of a stroke, in texels. */
  readonly height: number;
  readonly stroke: number;
  /** The direction of the text, in radians. */
  readonly turn?: number;
}

/** Draws text with round, anti-aliased strokes over the existing content. */
export function drawText(texture: Texture, { text, x, y, height, stroke, turn = 0 }: TextOptions): void {
  const unit = height / 1.5;
  const advance = 1.42 * unit;
  const [c, s] = [Math.cos(turn), Math.sin(turn)];
  [...text].forEach((letter, index) => {
    const left = (index - text.length / 2) * advance + 0.21 * unit;
    const place = ([px, py]: readonly [number, number]) => {
      const [u, v] = [left + px * unit, (py - 0.75) * unit];
      return [x + c * u - s * v, y + s * u + c * v] as const;
    };
    for (const line of glyphs[letter] ?? []) {
      for (let i = 1; i < line.length; i++) {
        drawSegment(texture, place(line[i - 1] ?? [0, 0]), place(line[i] ?? [0, 0]), stroke / 2);
      }
    }
  });
}

function drawSegment(
  { width, height, data }: Texture,
  [ax, ay]: readonly [number, number],
  [bx, by]: readonly [number, number],
  half: number,
): void {
  const [dx, dy] = [bx - ax, by - ay];
  const squared = dx * dx + dy * dy || 1e-9;
  const bounds = (a: number, b: number, size: number) => [
    Math.max(0, Math.floor(Math.min(a, b) - half - 1)),
    Math.min(size - 1, Math.ceil(Math.max(a, b) + half + 1)),
  ];
  const [x0 = 0, x1 = 0] = bounds(ax, bx, width);
  const [y0 = 0, y1 = 0] = bounds(ay, by, height);
  for (let y = y0; y <= y1; y++) {
    for (let x = x0; x <= x1; x++) {
      const along = Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / squared));
      const away = Math.hypot(x - ax - along * dx, y - ay - along * dy);
      const cover = Math.min(1, Math.max(0, half + 0.5 - away));
      const at = y * width + x;
      if (cover > (data[at] ?? 0)) data[at] = cover;
    }
  }
}
