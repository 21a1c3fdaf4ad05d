const path = require('node:path');
const { getDefaultConfig } = require('expo/metro-config');

const root = path.resolve(__dirname, '../..');
const shared = ['packages', 'apps/capture'].map((folder) => path.join(root, folder));
const config = getDefaultConfig(__dirname);

config.watchFolders = shared;
config.resolver.extraNodeModules = Object.fromEntries(
  ['capture', 'client', 'contracts', 'imaging', 'outbox'].map((name) => [
    `@spinbay/${name}`,
    path.join(root, ...(name === 'capture' ? ['apps', name, 'src'] : ['packages', name])),
  ]),
);
// The shared folders use the packages of this project and not those of the repository, so that there is only one React.
const here = path.join(__dirname, 'index.ts');
config.resolver.resolveRequest = (context, name, platform) => {
  const isPackage = !name.startsWith('.') && !path.isAbsolute(name);
  const isShared = shared.some((folder) => context.originModulePath.startsWith(folder + path.sep));
  const origin = isPackage && isShared ? { ...context, originModulePath: here } : context;
  // Hermes cannot compile import(). The CommonJS build of the router does not contain it.
  const format = name === 'react-router' ? { ...origin, isESMImport: false } : origin;
  return context.resolveRequest(format, name, platform);
};

module.exports = config;
