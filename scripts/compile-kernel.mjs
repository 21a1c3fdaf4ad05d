// Compiles the quality kernel to WebAssembly and writes it, as base64, to where the code imports it from.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const source = fileURLToPath(new URL('../packages/imaging/kernel/quality.as.ts', import.meta.url));
export const output = fileURLToPath(new URL('../packages/imaging/src/kernel/quality-wasm.ts', import.meta.url));

/** @returns {Promise<string>} the text of the file `output` */
export async function compileKernel() {
  let binary = null;
  const { error, stderr } = await asc.main(
    [
      'quality.as.ts',
      '--outFile',
      'quality.wasm',
      '-O3',
      '--converge',
      '--noAssert',
      '--runtime',
      'stub',
      '--enable',
      'simd',
    ],
    {
      readFile: (name) => (name === 'quality.as.ts' ? readFileSync(source, 'utf8') : null),
      writeFile: (_name, contents) => {
        binary = contents;
      },
    },
  );
  if (error || binary === null) throw new Error(`The kernel does not compile:\n${stderr}`);
  const base64 = Buffer.from(binary).toString('base64');
  return `/** Made of kernel/quality.as.ts by \`node scripts/compile-kernel.mjs\`; never edited. */\nexport const qualityWasm =\n  '${base64}';\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(output, await compileKernel());
  console.log(`Wrote ${output}`);
}
