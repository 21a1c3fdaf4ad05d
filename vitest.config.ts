import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const node = {
  environment: 'node',
  testTimeout: 60_000,
  hookTimeout: 120_000,
  // The default of a second is too short for a busy machine.
  expect: { poll: { timeout: 30_000 } },
} as const;

/**
 * These change what other files in their process would share: they replace modules, or decode an SVG, which `imaging` turns off.
 * All other unit tests share a process, because loading the modules again takes as long as a third of the tests.
 */
const inOwnProcess = [
  'apps/capture/src/features/camera/judge-photo.test.ts',
  'apps/cli/src/watch/run-watch.test.ts',
  'apps/portal/src/features/sign-in/api/sign-in.test.ts',
  'packages/runtime/src/static-files.test.ts',
];

/** The tests of data that belongs to an organization. They run again with only one of the two locks between organizations. */
const tenancy = {
  isolate: false,
  include: ['packages/core/**/*.test.ts', 'apps/api/src/features/**/*.test.ts', 'apps/api/src/tenancy/**/*.test.ts'],
  exclude: [
    '**/node_modules/**',
    // Tests row-level security itself.
    '**/rls.test.ts',
    // Tests without data of an organization: calculations, migrations as the owner, and connections.
    'apps/api/src/features/operations/**',
    'packages/core/src/migrate/**',
    'packages/core/src/sessions/spin-qc.test.ts',
    'packages/core/src/store/{connection-slots,lost-connection,password-rotation,tls}.test.ts',
    'packages/core/src/vehicles/split-by-site.test.ts',
    '**/upgrade.test.ts',
  ],
};

/** Fuzzed for seconds by `unit`, for minutes by the project `fuzz`; `npm run test:long` sets both. */
const fuzz = {
  SPINBAY_FUZZ_SECONDS: process.env.SPINBAY_FUZZ_SECONDS ?? '120',
  SPINBAY_FUZZ_SEED: process.env.SPINBAY_FUZZ_SEED ?? '1',
  SPINBAY_OUTBOX_RUNS: process.env.SPINBAY_OUTBOX_RUNS ?? '5000',
};

/** Removes the conditions on the organization from all statements. */
const withoutOrgConditions = {
  name: 'without-org-conditions',
  enforce: 'pre',
  resolveId: (source: string) =>
    /(^|\/)of-org\.ts$/.test(source)
      ? fileURLToPath(new URL('packages/core/src/testing/no-org-conditions.ts', import.meta.url))
      : null,
} as const;

export default defineConfig({
  test: {
    // As many workers as cores. The default, one fewer, leaves a core idle, because tests mostly wait for servers and processes.
    maxWorkers: '100%',
    globalSetup: 'tests/servers/shared-servers.ts',
    projects: [
      {
        test: {
          ...node,
          name: 'unit',
          isolate: false,
          include: ['{packages,apps,local,scripts,bench}/**/*.test.{ts,tsx}'],
          // The native app has packages and a test runner of its own: see scripts/check-native.mjs.
          exclude: ['**/node_modules/**', '**/*.slow.test.ts', 'apps/capture-native/**', ...inOwnProcess],
        },
      },
      { test: { ...node, name: 'unit-alone', include: inOwnProcess } },
      {
        plugins: [withoutOrgConditions],
        test: { ...node, ...tenancy, name: 'rls-alone', env: { SPINBAY_TEST_LOCKS: 'row-level security' } },
      },
      {
        test: { ...node, ...tenancy, name: 'conditions-alone', env: { SPINBAY_TEST_LOCKS: 'conditions' } },
      },
      {
        test: {
          ...node,
          name: 'fuzz',
          include: [
            'packages/imaging/src/hostile/hostile.test.ts',
            'packages/outbox/src/model.test.ts',
            'apps/api/src/bind/fuzz.test.ts',
          ],
          env: fuzz,
        },
      },
      {
        test: {
          ...node,
          name: 'e2e',
          include: ['tests/e2e/**/*.test.ts'],
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
      {
        test: {
          ...node,
          name: 'slow',
          include: ['tests/slow/**/*.test.ts', '{packages,apps,local}/**/*.slow.test.ts'],
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
      {
        test: {
          ...node,
          name: 'long',
          include: ['tests/long/**/*.test.ts'],
          testTimeout: 400_000,
          hookTimeout: 400_000,
          // After all others and one file at a time: the capture app stops waiting for a server after seconds.
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...node,
          name: 'images',
          include: ['tests/images/**/*.test.ts'],
          testTimeout: 600_000,
        },
      },
    ],
  },
});
