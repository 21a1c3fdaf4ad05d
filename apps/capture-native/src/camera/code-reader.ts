import type { Camera } from '@spinbay/capture/platform/camera.ts';
import type { CodeReader, CodeReaderPort } from '@spinbay/capture/platform/code-reader.ts';
import type { CreateCodeOutput } from './code-outputs';
import { VisionCamera } from './vision-camera';

/** @param load rejects on a phone that lacks the library. The log then says why */
export function nativeCodeReader(load: () => Promise<CreateCodeOutput>): CodeReaderPort {
  return {
    async open() {
      try {
        return new OutputReader(await load());
      } catch (error) {
        console.warn('This phone cannot read barcodes.', error);
        return null;
      }
    },
  };
}

/** What a camera has seen since the last reading. */
interface Seen {
  texts: readonly string[];
  error: Error | null;
}

/** Connects an output to each camera at the first reading. The output reports codes by itself, many times a second. */
class OutputReader implements CodeReader {
  readonly #create: CreateCodeOutput;
  readonly #seen = new WeakMap<Camera, Seen>();

  constructor(create: CreateCodeOutput) {
    this.#create = create;
  }

  async read(camera: Camera): Promise<readonly string[]> {
    if (!(camera instanceof VisionCamera)) return [];
    const seen = this.#seen.get(camera) ?? (await this.#connect(camera));
    const { texts, error } = seen;
    if (error !== null) throw error;
    // Returned once: a VIN counts only if another picture shows it again.
    seen.texts = [];
    return texts;
  }

  async #connect(camera: VisionCamera): Promise<Seen> {
    const seen: Seen = { texts: [], error: null };
    const output = this.#create(
      (texts) => {
        if (texts.length > 0) seen.texts = texts;
        seen.error = null;
      },
      (error) => {
        seen.error = error;
      },
    );
    this.#seen.set(camera, seen);
    await camera.addOutput(output);
    return seen;
  }
}
