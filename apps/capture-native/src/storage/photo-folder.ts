import { Directory, File, Paths } from 'expo-file-system';

/** A photo on this device: a file in the folder of the app. */
export interface NativePhoto {
  readonly uri: string;
  readonly size: number;
}

/** The folder of all photos. Files are named without their path, because iOS moves the folder of an app with each update. */
export interface PhotoFolder {
  list(): string[];
  /** Null if there is no such file. */
  read(name: string): NativePhoto | null;
  remove(name: string): void;
  /** The URI for a new file. */
  place(name: string): string;
  availableBytes(): number;
  usedBytes(): number;
}

/** Photos are documents, because the system deletes caches when it needs space. */
export function openPhotoFolder(): PhotoFolder {
  const folder = new Directory(Paths.document, 'photos');
  folder.create({ intermediates: true, idempotent: true });
  return {
    list: () => folder.list().map((entry) => entry.name),
    read(name) {
      const file = new File(folder, name);
      return file.exists ? { uri: file.uri, size: file.size } : null;
    },
    remove(name) {
      const file = new File(folder, name);
      if (file.exists) file.delete();
    },
    place: (name) => new File(folder, name).uri,
    availableBytes: () => Paths.availableDiskSpace,
    usedBytes: () => folder.size ?? 0,
  };
}

export function nameOf(photo: NativePhoto): string {
  return photo.uri.slice(photo.uri.lastIndexOf('/') + 1);
}
