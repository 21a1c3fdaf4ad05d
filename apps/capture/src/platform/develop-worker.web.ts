import { exifSegment } from '../photo/exif-segment.ts';
import type { Photo } from './camera.ts';
import { type DevelopRequest, serveCalls } from './darkroom-messages.web.ts';

const previewSide = 1280;

/** Compresses a frame and its preview, and writes into the photo when it was taken. */
async function develop({ frame, quality, takenAt }: DevelopRequest): Promise<Photo> {
  const { width, height } = frame;
  const jpeg = await compress(frame, width, height, quality);
  const scale = Math.min(1, previewSide / Math.max(width, height));
  const preview = await compress(frame, Math.round(width * scale), Math.round(height * scale), 0.72);
  frame.close();
  // Behind the two bytes that begin every JPEG. The parts are not copied.
  const original = new Blob([jpeg.slice(0, 2), exifSegment(takenAt), jpeg.slice(2)], { type: 'image/jpeg' });
  return { original, preview, width, height };
}

async function compress(frame: ImageBitmap, width: number, height: number, quality: number): Promise<Blob> {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { alpha: false });
  if (context === null) throw new Error('this browser gives no canvas for a photo of this size');
  context.imageSmoothingQuality = 'high';
  context.drawImage(frame, 0, 0, width, height);
  const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality });
  // Gives the memory back now: the collector counts it as a few bytes.
  canvas.width = 0;
  canvas.height = 0;
  return blob;
}

serveCalls(develop);
