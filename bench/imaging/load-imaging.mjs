// Node.js 20 runs no TypeScript: the parts that a benchmark of pictures needs, bundled and imported.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(root, 'node_modules/.cache/spinbay-bench-imaging');

/** @returns {Promise<string>} the file of the bundle, for other processes to import */
export async function bundleImaging() {
  const esbuild = await import('esbuild');
  mkdirSync(folder, { recursive: true });
  const outfile = join(folder, 'imaging.mjs');
  await esbuild.build({
    absWorkingDir: root,
    stdin: {
      contents: `
        export * from './packages/imaging/src/index.ts';
        export { measureQualityFast } from './packages/imaging/src/kernel/wasm-kernel.ts';
        export { default as sharp } from 'sharp';
        export { drawSpin, frameCount } from './local/sample-spin/src/index.ts';`,
      resolveDir: root,
      loader: 'ts',
    },
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    external: ['sharp'],
    banner: {
      js: "import { createRequire as benchRequire } from 'node:module'; const require = benchRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
  await esbuild.stop();
  return outfile;
}

export async function loadImaging() {
  return import(pathToFileURL(await bundleImaging()).href);
}
