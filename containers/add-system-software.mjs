// `node add-system-software.mjs FILE`: adds Node.js and the packages of Debian to a CycloneDX list of software. A second run
// adds what has been installed since.
import { readFileSync, writeFileSync } from 'node:fs';

const file = process.argv[2];
if (file === undefined) throw new Error('Usage: node add-system-software.mjs FILE');

const list = JSON.parse(readFileSync(file, 'utf8'));
const known = new Set(list.components.map(({ purl }) => purl));
const found = [
  {
    type: 'platform',
    name: 'node',
    version: process.versions.node,
    purl: `pkg:generic/node@${process.versions.node}`,
  },
  ...debianPackages(),
];
list.components.push(...found.filter(({ purl }) => !known.has(purl)));
writeFileSync(file, `${JSON.stringify(list, null, 2)}\n`);

function debianPackages() {
  return readFileSync('/var/lib/dpkg/status', 'utf8')
    .split('\n\n')
    .filter((entry) => entry.includes('\nStatus: install ok installed\n'))
    .map((entry) => {
      const fieldOf = (name) => new RegExp(`^${name}: (.+)$`, 'm').exec(entry)?.[1] ?? '';
      const [name, version] = [fieldOf('Package'), fieldOf('Version')];
      const purl = `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(version)}?arch=${fieldOf('Architecture')}`;
      return { type: 'library', name, version, purl };
    });
}
