/** A process that a test kills while it measures a picture: `test-parent.mjs ENTRY FILE`. */
import { defaultQcThresholds } from '@spinbay/contracts';
import { createMeasurer } from './create-measurer.ts';

const [entry = '', file = ''] = process.argv.slice(2);
const measurer = createMeasurer({
  entry: new URL(entry),
  slots: 1,
  startTimeoutMs: 60_000,
  timeoutMs: 60_000,
  maxRssMb: 600,
});
const qc = defaultQcThresholds;
await measurer.measure({ file, qc, maxBytes: 1e6 }, new AbortController().signal);
