// `node write-sbom.mjs WORKSPACE FILE`: writes a CycloneDX list of the npm packages that an app or server is made of.
// (`npm sbom --workspace` leaves out what the root also uses for tests.)
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findPackages, readPackage, root } from './find-packages.mjs';

const [workspace, file] = process.argv.slice(2);
if (file === undefined) throw new Error('Usage: node write-sbom.mjs WORKSPACE FILE');

const folder = join(root, workspace);
const { name, version, dependencies = {} } = readPackage(folder);
const components = findPackages(Object.keys(dependencies), folder)
  .map((found) => ({
    type: 'library',
    name: found.name,
    version: found.version,
    purl: purlOf(found.name, found.version),
    ...(found.licence === undefined ? {} : { licenses: [{ expression: found.licence }] }),
  }))
  .sort((a, b) => (a.purl < b.purl ? -1 : 1));
const list = {
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  version: 1,
  metadata: { component: { type: 'application', name, version, purl: purlOf(name, version) } },
  components,
};
writeFileSync(file, `${JSON.stringify(list, null, 2)}\n`);

function purlOf(packageName, packageVersion) {
  return `pkg:npm/${packageName.replace('@', '%40')}@${packageVersion}`;
}
