/** Entry of a drawing thread: each message orders one frame, each answer tells its file. */
import { parentPort, workerData } from 'node:worker_threads';
import { type FrameOrder, FrameWriter, type SpinPlan } from './frame-file.ts';

const port = parentPort;
if (!port) throw new Error('This file is the entry of a drawing thread; start it with new Worker(...).');

const writer = new FrameWriter(workerData as SpinPlan);

port.on('message', (order: FrameOrder) => {
  // A rejection ends the thread: the one who ordered sees its 'error' event.
  void writer.write(order).then((file) => port.postMessage(file));
});
