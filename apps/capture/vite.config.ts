import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/**
 * Writes the list of the app's files into the service worker. A change of any file changes the service worker, so that
 * browsers notice a new version.
 */
function listFilesInServiceWorker(): Plugin {
  return {
    name: 'list-files-in-service-worker',
    enforce: 'post',
    generateBundle(_, bundle) {
      const publicFiles = readdirSync(here('public'));
      const worker = bundle['service-worker.js'];
      if (worker?.type !== 'chunk') throw new Error('the service worker was not built');
      const files = [...Object.keys(bundle).filter((name) => name !== worker.fileName), ...publicFiles].sort();
      const digest = createHash('sha256').update(files.join('\n'));
      for (const file of publicFiles) digest.update(readFileSync(here(`public/${file}`)));
      const html = bundle['index.html'];
      if (html?.type === 'asset') digest.update(html.source);
      worker.code = worker.code
        .replace('__VERSION__', digest.digest('hex').slice(0, 16))
        .replace(/(["'`])__FILES__\1/, JSON.stringify(files));
    },
  };
}

export default defineConfig({
  root: here('.'),
  // Relative, because the base path of the app is only known at run time.
  base: './',
  plugins: [react(), listFilesInServiceWorker()],
  resolve: { alias: { 'react-native': 'react-native-web' } },
  // Globals that React Native expects of its bundler.
  define: { __DEV__: 'false', global: 'globalThis' },
  build: {
    outDir: here('../../dist/capture'),
    emptyOutDir: true,
    // The content security policy forbids data URLs for scripts and styles, and small files are cheap over one connection.
    assetsInlineLimit: 0,
    // The app is one file, because it is cached on the device. Compressed with Brotli, it has a size of 244 kB.
    chunkSizeWarningLimit: 1000,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { index: here('index.html'), 'service-worker': here('src/service-worker.web.ts') },
      output: {
        entryFileNames: ({ name }) => (name === 'service-worker' ? '[name].js' : 'assets/[name]-[hash].js'),
      },
    },
  },
  worker: { format: 'es' },
});
