import sharp from 'sharp';

export interface FramePixels {
  /** RGB, 8 bits, row by row. */
  readonly data: Buffer;
  readonly width: number;
  readonly height: number;
}

/** Gives 3-4 MB for a sharp 12-megapixel frame. */
const quality = 92;

/** A JPEG with the EXIF that a camera would write. The time of day is written in UTC, with its offset. */
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
