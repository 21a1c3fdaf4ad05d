import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Features that Hermes lacks, or has only through a polyfill that may load too late. The code must not use them. */
const unavailable = [
  /\bWebAssembly\b/,
  /\bAbortSignal\s*\.\s*(any|timeout)\b/,
  /\bstructuredClone\b/,
  /\bDOMException\b/,
  /\bPromise\s*\.\s*(withResolvers|try)\b/,
  /\bArray\s*\.\s*fromAsync\b/,
  /\b(Object|Map)\s*\.\s*groupBy\b/,
  /\bIterator\s*\.\s*from\b/,
  /(?<![.\w])(window|navigator|localStorage|indexedDB)\s*\./,
  /(?<![.\w])document\s*\.\s*(createElement|getElementById|querySelector|body|baseURI|documentElement|visibilityState)\b/,
  /\bnew\s+(Worker|OffscreenCanvas|BroadcastChannel|AudioContext)\b/,
];

/** @returns {string[]} what is wrong with the bundles of an export with source maps */
export function bundleFaults(dist, root) {
  const maps = readdirSync(dist, { recursive: true }).filter((name) => name.endsWith('.map'));
  const faults = [];
  for (const system of ['android', 'ios']) {
    const map = maps.find((name) => name.includes(system));
    if (map === undefined) faults.push(`there is no bundle with a source map for ${system}`);
    else
      faults.push(
        ...mapFaults(JSON.parse(readFileSync(join(dist, map), 'utf8')), root).map((fault) => `${system}: ${fault}`),
      );
  }
  return faults;
}

function mapFaults({ sources, sourcesContent }, root) {
  const native = join(root, 'apps/capture-native');
  const faults = [];
  let own = 0;
  for (const [index, source] of sources.entries()) {
    // Metro gives paths relative to the folder of the project, without "..". The modules that it generates are not files.
    const file = [native, join(root, 'apps'), root].map((folder) => join(folder, source)).find(existsSync);
    if (file === undefined || source.startsWith('\0')) continue;
    const name = relative(root, file);
    if (sources.indexOf(source) !== index) faults.push(`${name} is bundled twice, once from another folder`);
    if (name.includes('node_modules')) {
      if (!file.startsWith(join(native, 'node_modules'))) faults.push(`${name} is a package of another folder`);
      continue;
    }
    if (!/\.tsx?$/.test(name)) continue;
    own++;
    if (/\.web\.tsx?$/.test(name) || /^packages\/outbox\/src\/(web|node)\//.test(name))
      faults.push(`${name} is for browsers`);
    if (/\.test\.tsx?$|\/testing\//.test(name)) faults.push(`${name} is a test`);
    const code = withoutComments(sourcesContent?.[index] ?? '');
    if (code === '') faults.push(`${name} has no content in the source map`);
    for (const pattern of unavailable) {
      const used = pattern.exec(code)?.[0];
      if (used !== undefined) faults.push(`${name} uses ${used}, which Hermes lacks`);
    }
  }
  if (own < 100) faults.push(`only ${own} sources of this repository were found`);
  return faults;
}

function withoutComments(code) {
  return code.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:])\/\/.*$/gm, '$1');
}
