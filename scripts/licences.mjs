// `node scripts/licences.mjs [--check]`: writes docs/licences.md, the licences of all packages that an installation runs,
// from package-lock.json, or checks that it is up to date. Fails if a licence is not known to be compatible with Apache-2.0.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import satisfies from 'spdx-satisfies';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Licences whose code may be part of an Apache-2.0 product without a condition on the product. */
const compatible = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'CC0-1.0', 'ISC', 'MIT'];

/** Packages under other licences, and why they may be used. */
const exceptions = [
  {
    packages: /^@img\/sharp-(libvips-|wasm32$|win32-)/,
    licences: ['LGPL-3.0-or-later', 'Apache-2.0 AND LGPL-3.0-or-later', 'Apache-2.0 AND LGPL-3.0-or-later AND MIT'],
    reason: 'libvips, and the libraries in it. A separate package that is not changed and can be replaced.',
  },
  {
    packages: /^libheif-js$/,
    licences: ['LGPL-3.0'],
    reason: 'libheif and libde265. A separate package that is not bundled, not changed and can be replaced.',
  },
  {
    packages: /^lightningcss(-|$)/,
    licences: ['MPL-2.0'],
    reason: 'A build tool, in separate files that are not changed. The result contains no part of it.',
  },
];

/**
 * The packages of a lock file, without those that are only for tests and checks.
 * @param {Record<string, { version: string, license?: string, dev?: boolean, link?: boolean }>} entries its `packages`
 */
export function runtimePackages(entries) {
  const used = Object.entries(entries).filter(
    ([path, { dev, link }]) => path.includes('node_modules/') && !dev && !link,
  );
  return used
    .map(([path, { version, license }]) => ({ name: path.split('node_modules/').at(-1), version, licence: license }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** @returns {string[]} a line for each package that may not be used, and for each exception that nothing needs */
export function faultsOf(packages) {
  const needed = new Set();
  const faults = packages.flatMap(({ name, version, licence }) => {
    if (licence === undefined) return [`${name} ${version} names no licence`];
    const exception = exceptionOf(name);
    if (exception?.licences.includes(licence)) {
      needed.add(exception);
      return [];
    }
    return isCompatible(licence) ? [] : [`${name} ${version} has the licence ${licence}`];
  });
  const unused = exceptions.filter((exception) => !needed.has(exception));
  return [...faults, ...unused.map(({ packages }) => `the exception ${packages} applies to no package`)];
}

function exceptionOf(name) {
  return exceptions.find(({ packages }) => packages.test(name));
}

function isCompatible(licence) {
  try {
    return satisfies(licence, compatible);
  } catch {
    // Not an SPDX expression.
    return false;
  }
}

function pageOf(packages) {
  const groups = new Map();
  for (const { name, version, licence } of packages)
    groups.set(licence, [...(groups.get(licence) ?? []), `${name} ${version}`]);
  const byCount = [...groups].sort(([a, these], [b, those]) => those.length - these.length || (a < b ? -1 : 1));
  const names = (list) => [...new Set(list)].join(', ');
  return `# Licences

\`node scripts/licences.mjs\` writes this page from \`package-lock.json\`: all packages that an installation downloads to build and run
Spinbay, including those for other platforms. Packages for tests and checks only, and those of \`infra/\` and
\`apps/capture-native\`, are not listed. \`npm run check\`
fails if a package has a licence that is not listed as compatible with Apache-2.0, or if this page is out of date.

## Licences with conditions

${exceptions
  .flatMap(({ packages: pattern, reason }) => [
    `- **${[...new Set(packages.filter(({ name }) => pattern.test(name)).map(({ licence }) => licence))].join('; ')}**: ${reason}`,
    `  Packages: ${names(packages.filter(({ name }) => pattern.test(name)).map(({ name }) => name))}`,
  ])
  .join('\n')}

If you distribute images or archives that contain packages under the LGPL, you must pass on their licence texts and let people replace
the libraries. This page does not cover ffmpeg, which decodes HEIC faster if it is installed, or the base images of \`containers/\`:
npm does not download them.

## All packages

${byCount.map(([licence, list]) => `**${licence}** (${new Set(list).size}): ${names(list)}`).join('\n\n')}
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const packages = runtimePackages(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages);
  const faults = faultsOf(packages);
  const [file, page] = [join(root, 'docs/licences.md'), pageOf(packages)];
  if (!process.argv.includes('--check')) writeFileSync(file, page);
  else if (readFileSync(file, 'utf8') !== page)
    faults.push('docs/licences.md does not match package-lock.json. Run: node scripts/licences.mjs');
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) process.exitCode = 1;
}
