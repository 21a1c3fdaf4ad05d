// Bundles and imports what imaging benchmarks need, because Node.js 20 does not run TypeScript.
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { external, forNode } from '../../scripts/build.mjs';

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
        export { colourGrid } from './packages/imaging/src/kernel/colour-grid.ts';
        export { movingRegion } from './packages/imaging/src/kernel/moving-region.ts';
        export { compareSpin } from './packages/core/src/sessions/spin-qc.ts';
        export { decodeHeic } from './packages/imaging/src/heic/decode-heic.ts';
        export { heif } from './packages/imaging/src/heic/test-heif.ts';
        export { defaultQcThresholds, judgeQc } from './packages/contracts/src/qc-rules.ts';
        export { default as sharp } from 'sharp';
        export { drawSpin, FrameDrawer, frameCount } from './local/sample-spin/src/index.ts';`,
      resolveDir: root,
      loader: 'ts',
    },
    outfile,
    ...forNode,
  });
  await esbuild.stop();
  return outfile;
}

/**
 * Bundles the worker, its measuring process, and its store.
 * @returns {Promise<{ worker: string, store: string, measureChild: string }>} files to start
 */
export async function bundleWorker() {
  const esbuild = await import('esbuild');
  const outdir = join(folder, 'worker');
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: {
      worker: 'apps/worker/src/main.ts',
      'measure-child': 'packages/imaging/src/pool/measure-child.ts',
      store: 'bench/imaging/worker-store.ts',
    },
    outdir,
    outExtension: { '.js': '.mjs' },
    ...forNode,
    external: [...external, 'esbuild'],
  });
  await esbuild.stop();
  // The store looks for the migrations beside the folder of its bundle.
  cpSync(join(root, 'packages/core/migrations'), join(folder, 'migrations'), { recursive: true });
  return {
    worker: join(outdir, 'worker.mjs'),
    store: join(outdir, 'store.mjs'),
    measureChild: join(outdir, 'measure-child.mjs'),
  };
}

export async function loadImaging() {
  return import(pathToFileURL(await bundleImaging()).href);
}
