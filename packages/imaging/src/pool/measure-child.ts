/** The entry point of a measuring child process, and of its thread that helps to decode the tiles of HEIC pictures. */
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { type TileJob, takeTiles } from '../heic/decode-heic.ts';
import { ImageRejected, type ImageRejectedCode } from '../image-rejected.ts';
import { measureImage } from '../measure-image.ts';
import { ffmpegArgument } from './messages.ts';
import { serveMeasurements } from './serve-measurements.ts';

type TilesAnswer = { readonly code: ImageRejectedCode; readonly message: string } | 'done';

const ffmpeg = process.argv[ffmpegArgument];

if (isMainThread)
  serveMeasurements((bytes, options) => measureImage(bytes, { ...options, heic: { helper: helpWithTiles, ffmpeg } }));
else parentPort?.on('message', (job: TileJob) => parentPort?.postMessage(answer(job)));

let helper: Worker | undefined;

/** The helper thread starts with the first tiled HEIC picture, because JPEGs do not need it. */
function helpWithTiles(job: TileJob): Promise<void> {
  helper ??= new Worker(fileURLToPath(import.meta.url));
  const thread = helper;
  return new Promise((resolve, reject) => {
    const failed = (error: Error) => {
      helper = undefined;
      reject(error);
    };
    thread.once('error', failed);
    thread.once('message', (answered: TilesAnswer) => {
      thread.off('error', failed);
      if (answered === 'done') resolve();
      else reject(new ImageRejected(answered.code, answered.message));
    });
    thread.postMessage(job);
  });
}

function answer(job: TileJob): TilesAnswer {
  try {
    takeTiles(job);
    return 'done';
  } catch (error) {
    if (!(error instanceof ImageRejected)) throw error;
    // Stops the other thread: the picture has failed.
    Atomics.store(job.next, 0, job.heif.tiles.length);
    return { code: error.code, message: error.message };
  }
}
