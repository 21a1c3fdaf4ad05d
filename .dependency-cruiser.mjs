/** The walls of the house: see docs/architecture.md. */

/** packages/, from the ground up: each may import those above it in this list, none below. */
const packages = [
  'contracts',
  'runtime',
  'tokens',
  'core',
  'objects',
  'queue',
  'imaging',
  'client',
  'outbox',
  'viewer',
];
const needs = {
  contracts: [],
  runtime: ['contracts'],
  tokens: ['contracts'],
  core: ['contracts'],
  objects: ['contracts'],
  queue: ['contracts'],
  imaging: ['contracts'],
  client: ['contracts'],
  outbox: ['contracts', 'client'],
  viewer: [],
};
const test = '(\\.test\\.tsx?|/testing\\.ts|/testing/[^/]+\\.ts|/test-[^/]+\\.ts)$';

export default {
  forbidden: [
    ...packages.map((name) => ({
      name: `${name}-imports-only-what-it-stands-on`,
      severity: 'error',
      from: { path: `^packages/${name}/`, pathNot: test },
      to: { path: '^(packages|apps|local)/', pathNot: `^packages/(${[name, ...needs[name]].join('|')})/` },
    })),
    {
      name: 'no-app-imports-another-app',
      severity: 'error',
      from: { path: '^(apps|local)/([^/]+)/', pathNot: test },
      to: { path: '^apps/([^/]+)/', pathNot: '^apps/$2/' },
    },
    {
      name: 'product-does-not-import-the-local-installation',
      severity: 'error',
      from: { path: '^(packages|apps/(api|worker|portal|capture))/', pathNot: test },
      to: { path: '^local/' },
    },
    {
      name: 'one-importer-of-the-postgres-driver',
      severity: 'error',
      from: { path: '^(packages|apps)/', pathNot: ['^packages/core/', test] },
      to: { path: 'node_modules/(pg|kysely)/' },
    },
    {
      name: 'one-importer-of-the-s3-client',
      severity: 'error',
      from: { path: '^(packages|apps|local)/', pathNot: ['^packages/objects/', '^local/cloud/src/set-up/', test] },
      to: { path: 'node_modules/@aws-sdk/(client-s3|s3-request-presigner)/' },
    },
    {
      name: 'one-importer-of-the-sqs-client',
      severity: 'error',
      from: { path: '^(packages|apps|local)/', pathNot: ['^packages/queue/', '^local/cloud/src/set-up/', test] },
      to: { path: 'node_modules/@aws-sdk/client-sqs/' },
    },
    {
      name: 'one-importer-of-opentelemetry',
      severity: 'error',
      from: { path: '^(packages|apps|local)/', pathNot: ['^packages/runtime/src/tracing/', test] },
      to: { path: 'node_modules/@opentelemetry/' },
    },
    {
      name: 'contracts-do-no-io',
      severity: 'error',
      from: { path: '^packages/contracts/', pathNot: test },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'outbox-core-runs-anywhere',
      comment: 'the core and the runner have no platform: what they need of one is a port',
      severity: 'error',
      from: { path: '^packages/outbox/src/(core|runner)/', pathNot: test },
      to: { path: '^packages/outbox/src/(web|node)/' },
    },
    {
      name: 'outbox-core-imports-no-node-module',
      severity: 'error',
      from: { path: '^packages/outbox/src/(core|runner|web)/', pathNot: test },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'portal-imports-one-way',
      comment: 'app -> features -> api, ui; a feature does not import another',
      severity: 'error',
      from: { path: '^apps/portal/src/(api|ui)/', pathNot: test },
      to: { path: '^apps/portal/src/(app|features)/' },
    },
    {
      name: 'portal-features-stand-alone',
      severity: 'error',
      from: { path: '^apps/portal/src/features/([^/]+)/', pathNot: test },
      to: { path: '^apps/portal/src/(app|features/(?!$1/))' },
    },
    {
      name: 'capture-imports-one-way',
      comment: 'app -> screens -> features, ui -> platform -> photo',
      severity: 'error',
      from: { path: '^apps/capture/src/(features|ui|texts)/', pathNot: test },
      to: { path: '^apps/capture/src/(app|screens)/' },
    },
    {
      name: 'capture-platform-knows-no-screens',
      severity: 'error',
      from: { path: '^apps/capture/src/(platform|photo)/', pathNot: test },
      to: { path: '^apps/capture/src/(app|screens|features|ui|texts)/' },
    },
    {
      name: 'capture-screens-run-anywhere',
      comment: 'browser code belongs in *.web.ts(x), behind an interface',
      severity: 'error',
      from: { path: '^apps/capture/src/', pathNot: [test, '\\.web\\.tsx?$', '^apps/capture/src/server/'] },
      to: { path: ['\\.web\\.tsx?$', 'node_modules/react-dom/', '^packages/outbox/src/web/', '^packages/viewer/'] },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true, dependencyTypesNot: ['type-only'] } },
    {
      name: 'code-does-not-import-tests',
      severity: 'error',
      from: { pathNot: [test, '^tests/'] },
      to: { path: test },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // The native app has packages of its own, which this installation does not have.
    exclude: { path: ['(^|/)dist/', '^apps/capture-native/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'default'],
      extensions: ['.ts', '.tsx', '.mjs', '.js'],
    },
  },
};
