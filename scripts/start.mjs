// `npm start`: turns a fresh clone into a running installation with a sample spin.
import { prepare } from './prepare.mjs';

console.log('\nStarting Spinbay\n');
await prepare();
process.argv.splice(2, 0, 'up');
await import('../dist/cli.mjs');
