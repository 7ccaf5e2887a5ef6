import { defineConfig } from 'vitest/config';

/** What needs engines of a lock file of their own: `npm run environments`. */
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/environments/*.environment.ts'],
    experimental: { viteModuleRunner: false },
    globalSetup: ['test/support/global-setup.ts'],
    reporters: ['default', './test/support/totals-reporter.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
