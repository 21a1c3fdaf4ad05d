import sharp, { type JpegOptions } from 'sharp';

export interface Drawing {
  readonly width: number;
  readonly height: number;
  /** The colour of a pixel, with channels 0-255. */
  readonly at: (x: number, y: number) => readonly [number, number, number];
}

export function draw({ width, height, at }: Drawing): Buffer {
  const data = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) data.set(at(x, y), (y * width + x) * 3);
  }
  return data;
}

/** A drawing as JPEG with full colour resolution, so that its colours can be compared. */
export function jpeg(drawing: Drawing, options: JpegOptions = {}): Promise<Buffer> {
  const { width, height } = drawing;
  return sharp(draw(drawing), { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 92, chromaSubsampling: '4:4:4', ...options })
    .toBuffer();
}

/** A pattern with detail everywhere, without black and white. */
export const texture = (x: number, y: number) => {
  const value = 60 + ((Math.imul(x * 73_856_093 + y * 19_349_663, 2_654_435_761) >>> 24) * 130) / 255;
  return [value, value, value] as const;
};

/** Four quarters of different colours. Every rotation and mirroring changes it. */
export const quarters =
  (width: number, height: number) =>
  (x: number, y: number): readonly [number, number, number] => {
    if (y < height / 2) return x < width / 2 ? [200, 40, 40] : [40, 180, 40];
    return x < width / 2 ? [50, 60, 200] : [210, 200, 60];
  };
