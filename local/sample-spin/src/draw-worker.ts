/** The entry point of a drawing thread. Each message is a job for one frame. Each answer is its file. */
import { parentPort, workerData } from 'node:worker_threads';
import { type FrameJob, FrameWriter, type SpinPlan } from './frame-file.ts';

const port = parentPort;
if (!port) throw new Error('This file is the entry point of a drawing thread. Start it with new Worker(...).');

const writer = new FrameWriter(workerData as SpinPlan);

port.on('message', (job: FrameJob) => {
  // A rejection ends the thread. The parent receives it as an 'error' event.
  void writer.write(job).then((file) => port.postMessage(file));
});
