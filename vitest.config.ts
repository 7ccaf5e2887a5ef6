import { defineConfig } from 'vitest/config';

/**
 * Two tiers. `npm test` runs everything that one process can show. `npm run test:slow` runs the files
 * called `*.slow.test.ts`: they start processes, builds or a Postgres of their own, measure time, or
 * wait for it.
 */
const SLOW = 'test/**/*.slow.test.ts';

/** Files that replace modules of their process or measure its memory: each gets its own process. */
const ALONE = [
  'test/graphql-engine/operation-limits.test.ts',
  'test/proofs/password/hasher.test.ts',
  'test/verify/{keys,rotation}.test.ts',
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
    // Part of the time is Postgres and waits: two workers leave two cores idle.
    maxWorkers: 3,
    projects: [
      {
        test: {
          ...COMMON,
          name: 'shared',
          include: ['test/**/*.test.ts'],
          exclude: [SLOW, ...ALONE],
          // Loading the server costs more than most files' tests: a worker does it once.
          isolate: false,
          // Requests leave much garbage that dies young: with room for it, the run takes a tenth less CPU.
          execArgv: ['--max-semi-space-size=64'],
        },
      },
      { test: { ...COMMON, name: 'alone', include: ALONE } },
      { test: { ...COMMON, name: 'slow', include: [SLOW] } },
    ],
  },
});
