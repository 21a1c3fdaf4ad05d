import type { SaveOutcome } from '@spinbay/capture/platform/platform.tsx';
import type * as MediaLibrary from 'expo-media-library';

export interface PhotoLibrary {
  readonly requestPermissionsAsync: typeof MediaLibrary.requestPermissionsAsync;
  readonly Asset: Pick<typeof MediaLibrary.Asset, 'create'>;
}

/** Adds a photo to the gallery. Asks only for the permission to add photos. */
export async function saveToLibrary(library: PhotoLibrary, uri: string): Promise<SaveOutcome> {
  try {
    const { granted } = await library.requestPermissionsAsync(true, []);
    if (!granted) return { state: 'not_allowed' };
    await library.Asset.create(uri);
    return { state: 'saved' };
  } catch (error) {
    return { state: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
}
