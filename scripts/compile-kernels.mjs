// Compiles the kernels in packages/imaging/kernel to WebAssembly and writes each, as base64, to the file that the code
// imports. Run it after every change to a kernel; a test compares the result.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const imaging = new URL('../packages/imaging/', import.meta.url);

export const kernels = [
  { source: 'quality.as.ts', target: 'src/kernel/quality-wasm.ts', name: 'qualityWasm', options: [] },
  { source: 'colour.as.ts', target: 'src/heic/colour-wasm.ts', name: 'colourWasm', options: ['--importMemory'] },
];

const common = ['-O3', '--converge', '--noAssert', '--runtime', 'stub', '--enable', 'simd'];

/** @returns {string} the file that holds the compiled kernel */
export function fileOf({ target }) {
  return fileURLToPath(new URL(target, imaging));
}

/** @returns {Promise<string>} the text of that file */
export async function compileKernel({ source, name, options }) {
  let binary = null;
  const { error, stderr } = await asc.main([source, '--outFile', 'kernel.wasm', ...common, ...options], {
    readFile: (file) => {
      const path = new URL(`kernel/${file}`, imaging);
      return file.endsWith('.as.ts') && existsSync(path) ? readFileSync(path, 'utf8') : null;
    },
    writeFile: (_file, contents) => {
      binary = contents;
    },
  });
  if (error || binary === null) throw new Error(`${source} does not compile:\n${stderr}`);
  const base64 = Buffer.from(binary).toString('base64');
  return `/** Compiled from kernel/${source} by \`node scripts/compile-kernels.mjs\`. Do not edit. */\nexport const ${name} =\n  '${base64}';\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const kernel of kernels) {
    writeFileSync(fileOf(kernel), await compileKernel(kernel));
    console.log(`Wrote ${fileOf(kernel)}`);
  }
}
