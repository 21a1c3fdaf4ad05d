import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FrameDrawer } from './draw-frame.ts';
import { encodeFrame } from './encode-frame.ts';

export const frameCount = 24;
const secondsApart = 2.5;

/** The plan of a spin, which is copied to each worker thread. */
export interface SpinPlan {
  readonly width: number;
  readonly height: number;
  readonly seed: number;
  readonly outDir: string;
  /** The time of the first frame, in milliseconds since 1970. */
  readonly startedAt: number;
}

export interface FrameJob {
  /** 1 to 24. Frame k shows the car at 15 (k - 1) degrees. */
  readonly frame: number;
  readonly blurred: boolean;
}

export interface FrameFile {
  readonly path: string;
  readonly angleDeg: number;
}

/** The path of a frame, and its path while it is incomplete. */
export function frameFile(outDir: string, frame: number): FrameFile & { unfinished: string } {
  const angleDeg = ((frame - 1) * 360) / frameCount;
  const path = join(outDir, `angle_${String(angleDeg).padStart(3, '0')}.jpg`);
  return { path, angleDeg, unfinished: `${path}.part` };
}

/** Draws frames to files. A file gets its name only when it is complete. */
export class FrameWriter {
  readonly #plan: SpinPlan;
  readonly #drawer: FrameDrawer;

  constructor(plan: SpinPlan) {
    this.#plan = plan;
    this.#drawer = new FrameDrawer(plan.width, plan.height, plan.seed);
  }

  async write({ frame, blurred }: FrameJob): Promise<FrameFile> {
    const { outDir, startedAt } = this.#plan;
    const { path, angleDeg, unfinished } = frameFile(outDir, frame);
    const pixels = await this.#drawer.draw(angleDeg, blurred);
    const bytes = await encodeFrame(pixels, new Date(startedAt + (frame - 1) * secondsApart * 1000));
    try {
      await writeFile(unfinished, bytes);
      await rename(unfinished, path);
    } catch (error) {
      await rm(unfinished, { force: true });
      throw error;
    }
    return { path, angleDeg };
  }
}
