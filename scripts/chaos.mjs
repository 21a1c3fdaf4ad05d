// `npm run chaos -- --minutes N [--seed S]`: random faults under load. Exits with 1 if a photo was lost, duplicated or left
// unfinished. The printed seed reproduces the faults.
import { runBundle } from './run-bundle.mjs';

await runBundle('tests/chaos/main.ts');
