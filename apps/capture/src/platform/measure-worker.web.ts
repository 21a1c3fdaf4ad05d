import { measureQuality } from '@spinbay/imaging/kernels';
import { lightAround } from '../photo/light.ts';
import type { PhotoMeasures } from './camera.ts';
import { type MeasureRequest, serveCalls } from './darkroom-messages.web.ts';

async function measure({ reduced }: MeasureRequest): Promise<PhotoMeasures> {
  const { width, height } = reduced;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context === null) throw new Error('this browser has no canvas');
  context.drawImage(reduced, 0, 0);
  reduced.close();
  const rgba = context.getImageData(0, 0, width, height).data;
  const data = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; to < data.length; from += 4) {
    data[to++] = rgba[from] ?? 0;
    data[to++] = rgba[from + 1] ?? 0;
    data[to++] = rgba[from + 2] ?? 0;
  }
  const picture = { data, width, height };
  const { reduced: _, ...measures } = measureQuality(picture);
  return { ...measures, surround: lightAround(picture) };
}

serveCalls(measure);
