import { defineConfig } from 'vitest/config';

/** Files that replace modules or the clock of their process, or measure it: each gets its own. */
const ALONE = [
  'test/http/http.test.ts',
  'test/graphql-engine/operation-limits.test.ts',
  'test/graphql-engine/trusted-documents.test.ts',
  'test/config/**/*.test.ts',
  'test/journeys/login-hashing.test.ts',
  'test/proofs/password/hasher.test.ts',
  'test/races/**/*.test.ts',
  'test/security/enumeration.test.ts',
  'test/verify/**/*.test.ts',
];

const COMMON = {
  // Tests load modules as the server does: by Node, TypeScript as it is.
  experimental: { viteModuleRunner: false },
  testTimeout: 20_000,
  hookTimeout: 30_000,
} as const;

export default defineConfig({
  test: {
    // Here and not in the projects: one Postgres for the whole run.
    globalSetup: ['test/support/global-setup.ts'],
    reporters: ['default', './test/support/totals-reporter.ts'],
    // Half of the time is Postgres, processes of their own and waits: two workers leave two cores idle.
    maxWorkers: 3,
    projects: [
      {
        test: {
          ...COMMON,
          name: 'shared',
          include: ['test/**/*.test.ts'],
          exclude: ALONE,
          // Loading the server costs more than most files' tests: a worker does it once.
          isolate: false,
        },
      },
      { test: { ...COMMON, name: 'alone', include: ALONE } },
    ],
  },
});
