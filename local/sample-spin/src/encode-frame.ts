import sharp from 'sharp';

export interface FramePixels {
  /** RGB, 8 bits, row by row. */
  readonly data: Buffer;
  readonly width: number;
  readonly height: number;
}

/** The JPEG quality. With it, a sharp 12-megapixel frame has 3-4 MB. */
const quality = 92;

/** Encodes a JPEG with EXIF like a camera's. Times are in UTC, with the offset +00:00. */
export function encodeFrame({ data, width, height }: FramePixels, takenAt: Date): Promise<Buffer> {
  const stamp = takenAt.toISOString().slice(0, 19).replaceAll('-', ':').replace('T', ' ');
  return sharp(data, { raw: { width, height, channels: 3 } })
    .withMetadata({ orientation: 1 })
    .withExif({
      IFD0: { Make: 'Spinbay', Model: 'Sample Studio', Orientation: '1', DateTime: stamp },
      IFD2: {
        ISOSpeedRatings: '200',
        ExposureTime: '1/125',
        FNumber: '80/10',
        FocalLength: '43/1',
        FocalLengthIn35mmFilm: '43',
        DateTimeOriginal: stamp,
        SubSecTimeOriginal: String(takenAt.getUTCMilliseconds()).padStart(3, '0'),
        OffsetTimeOriginal: '+00:00',
      },
    })
    .jpeg({ quality, optimiseCoding: false })
    .toBuffer();
}
