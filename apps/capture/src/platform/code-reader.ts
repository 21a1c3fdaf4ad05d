import type { Camera } from './camera.ts';

/** Reads barcodes in the picture of a camera. */
export interface CodeReader {
  /** The texts of all codes in the current picture. @throws if the system cannot read codes after all */
  read(camera: Camera): Promise<readonly string[]>;
}

export interface CodeReaderPort {
  /** A reader for the codes of VIN stickers, or null if this device has none. */
  open(): Promise<CodeReader | null>;
}
