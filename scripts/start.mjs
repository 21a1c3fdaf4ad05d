// `npm start`: from a fresh clone to a running installation with a sample spin in it.
import { prepare } from './prepare.mjs';

console.log('\nStarting Spinbay\n');
await prepare();
process.argv.splice(2, 0, 'up');
await import('../dist/cli.mjs');
