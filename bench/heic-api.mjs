// The cost of decoding a HEIC with the decoder inside libheif-js, whose symbols are private, and with its public API.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

const rounds = 7;
const ways = ['private symbols', 'public API'];
const [first, ...rest] = process.argv.slice(2);
if (first === '--one') await one(...rest);
else if (first === undefined) {
  console.log('Skipped: no file. npm run bench -- heic-api FILE.heic ...');
} else await compare([first, ...rest]);

/** Each way runs in a separate process, to measure its memory. Rounds alternate, because the load of the machine changes. */
async function compare(files) {
  const { bundleImaging } = await import('./imaging/load-imaging.mjs');
  const bundle = await bundleImaging();
  for (const file of files) {
    const seen = new Map(ways.map((way) => [way, []]));
    for (let round = 0; round < rounds; round++) {
      for (const way of ways) {
        const run = spawnSync(process.execPath, [fileURLToPath(import.meta.url), '--one', way, bundle, file], {
          encoding: 'utf8',
        });
        if (run.status !== 0) throw new Error(`${way}: ${run.stderr}`);
        seen.get(way).push(JSON.parse(run.stdout));
      }
    }
    console.log(file);
    const middle = ways.map((way) => ({
      cpu: median(seen.get(way).map(({ cpu }) => cpu)),
      peak: median(seen.get(way).map(({ peak }) => peak)),
    }));
    for (const [k, way] of ways.entries())
      console.log(
        `  ${way.padEnd(16)} ${middle[k].cpu.toFixed(2)} s of CPU, ${middle[k].peak.toFixed(0)} MB at the peak`,
      );
    const [ours, theirs] = middle;
    console.log(
      `  public / private ${(theirs.cpu / ours.cpu).toFixed(2)} CPU, ${(theirs.peak / ours.peak).toFixed(2)} memory`,
    );
  }
}

/** Decodes twice: the first picture compiles the WebAssembly, the second one counts. */
async function one(way, bundle, file) {
  const bytes = readFileSync(file);
  const decode = way === 'public API' ? decodePublicly : (await import(pathToFileURL(bundle).href)).decodeHeic;
  await decode(bytes);
  const before = process.cpuUsage();
  await decode(bytes);
  const { user, system } = process.cpuUsage(before);
  const peak = process.resourceUsage().maxRSS / 1024;
  console.log(JSON.stringify({ cpu: (user + system) / 1e6, peak }));
}

function decodePublicly(bytes) {
  const libheif = createRequire(import.meta.url)('libheif-js/wasm-bundle');
  const [image] = new libheif.HeifDecoder().decode(bytes);
  const [width, height] = [image.get_width(), image.get_height()];
  const rgba = { data: new Uint8ClampedArray(width * height * 4), width, height };
  return new Promise((resolve) => {
    image.display(rgba, (shown) => {
      image.free();
      resolve(shown);
    });
  });
}

function median(numbers) {
  return numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}
