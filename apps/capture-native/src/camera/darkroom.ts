import { exifSegment, takenAt } from '@spinbay/capture/photo/exif-segment.ts';
import type { PhotoMeasures, Shot } from '@spinbay/capture/platform/camera.ts';
import type { Image, RawPixelData } from 'react-native-nitro-image';
import type { Photo as TakenPhoto } from 'react-native-vision-camera';
import type { NativePhoto, PhotoFolder } from '../storage/photo-folder';

/** A photo in memory, from the camera. */
export type Taken = Pick<TakenPhoto, 'saveToFileAsync' | 'toImageAsync' | 'dispose'>;

export interface Darkroom {
  /** Takes ownership: the caller must not use the photo afterwards. */
  develop(
    taken: Taken,
    options: { readonly previewSide: number; readonly capturedAt: Date },
  ): Pick<Shot, 'photo' | 'measures'>;
}

export interface DarkroomOptions {
  readonly folder: PhotoFolder;
  readonly newId: () => string;
  readonly write: (uri: string, bytes: Uint8Array) => void;
  /** Resolves to null if the photo was not measured, because a newer one was more important. */
  readonly measure: (pixels: RawPixelData) => Promise<PhotoMeasures | null>;
}

const previewQuality = 72;
/** Long side of the measured copy, at which the kernels measure edges. */
const measuredSide = 1600;

/** Writes the JPEG of the camera and a preview into the folder of the outbox. Native code resizes and compresses. */
export function createDarkroom({ folder, newId, write, measure }: DarkroomOptions): Darkroom {
  const save = async (taken: Taken): Promise<NativePhoto> => {
    const name = `${newId()}.jpg`;
    await taken.saveToFileAsync(pathOf(folder.place(name)));
    return found(name);
  };
  /** The preview also has the capture time, because the server treats the same bytes as the same photo. */
  const savePreview = async (image: Image, capturedAt: Date): Promise<NativePhoto> => {
    const jpeg = new Uint8Array((await image.toEncodedImageDataAsync('jpg', previewQuality)).buffer);
    const segment = exifSegment(takenAt(capturedAt));
    const bytes = new Uint8Array(jpeg.length + segment.length);
    // After the first two bytes of the JPEG.
    bytes.set(jpeg.subarray(0, 2));
    bytes.set(segment, 2);
    bytes.set(jpeg.subarray(2), 2 + segment.length);
    const name = `${newId()}.jpg`;
    write(folder.place(name), bytes);
    return found(name);
  };
  const found = (name: string): NativePhoto => {
    const photo = folder.read(name);
    if (photo === null || photo.size === 0) throw new Error('the photo could not be written');
    return photo;
  };

  return {
    develop(taken, { previewSide, capturedAt }) {
      const image = taken.toImageAsync();
      const reduced = image.then((whole) => reduce(whole, measuredSide));
      const measures = reduced
        .then((copy) => copy.toRawPixelDataAsync())
        .then(measure)
        .catch((error: unknown) => {
          console.warn('The photo could not be measured.', error);
          return null;
        });
      const photo = (async () => {
        const original = await save(taken);
        const { width, height } = await image;
        const small = await reduce(await reduced, previewSide);
        const preview = await savePreview(small, capturedAt).finally(() => small.dispose());
        return { original, preview, width, height };
      })();
      // Frees the memory now, because the garbage collector counts a picture of 48 MB as a few bytes.
      void Promise.allSettled([photo, measures]).then(async () => {
        for (const copy of await Promise.allSettled([image, reduced]))
          if (copy.status === 'fulfilled') copy.value.dispose();
        taken.dispose();
      });
      return { photo, measures };
    },
  };
}

/** Always a copy, even of a small picture, because each image is disposed separately. */
function reduce(image: Image, side: number): Promise<Image> {
  const scale = Math.min(1, side / Math.max(image.width, image.height));
  return image.resizeAsync(Math.max(1, Math.round(image.width * scale)), Math.max(1, Math.round(image.height * scale)));
}

function pathOf(uri: string): string {
  return decodeURI(uri.replace(/^file:\/\//, ''));
}
