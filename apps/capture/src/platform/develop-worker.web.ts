import { exifSegment } from '../photo/exif-segment.ts';
import type { Photo } from './camera.ts';
import { type DevelopRequest, serveCalls } from './darkroom-messages.web.ts';

/** Compresses a frame and its preview, and writes the capture time into both. */
async function develop({ frame, quality, previewSide, takenAt }: DevelopRequest): Promise<Photo> {
  const { width, height } = frame;
  const jpeg = await compress(frame, width, height, quality);
  const scale = Math.min(1, previewSide / Math.max(width, height));
  const small = await compress(frame, Math.round(width * scale), Math.round(height * scale), 0.72);
  frame.close();
  // The preview also has the capture time: two shots of a still scene may be equal in every pixel, and the server treats the
  // same bytes as the same photo.
  const exif = exifSegment(takenAt);
  const [original, preview] = [withSegment(jpeg, exif), withSegment(small, exif)];
  return { original, preview, width, height };
}

/** Inserts the segment after the first two bytes of the JPEG. A Blob refers to its parts and does not copy them. */
function withSegment(jpeg: Blob, segment: BlobPart): Blob {
  return new Blob([jpeg.slice(0, 2), segment, jpeg.slice(2)], { type: 'image/jpeg' });
}

async function compress(frame: ImageBitmap, width: number, height: number, quality: number): Promise<Blob> {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { alpha: false });
  if (context === null) throw new Error('this browser has no canvas for a photo of this size');
  context.imageSmoothingQuality = 'high';
  context.drawImage(frame, 0, 0, width, height);
  const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality });
  // Frees the memory now, because the garbage collector counts it as a few bytes.
  canvas.width = 0;
  canvas.height = 0;
  return blob;
}

serveCalls(develop);
