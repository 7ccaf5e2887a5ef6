import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Tests load modules as the server does: by Node, TypeScript as it is.
    experimental: { viteModuleRunner: false },
    globalSetup: ['test/support/global-setup.ts'],
    reporters: ['default', './test/support/totals-reporter.ts'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
});
