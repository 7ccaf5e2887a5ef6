import { defineConfig } from 'vitest/config';

/** What needs a browser: `npm run test:browser`, with CHROMIUM=/path/to/chromium if not on the PATH. */
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/browser/*.browser.ts'],
    experimental: { viteModuleRunner: false },
    globalSetup: ['test/support/global-setup.ts', 'test/browser/support/build-app.ts'],
    reporters: ['default', './test/support/totals-reporter.ts'],
    // A journey mostly waits for pages: two at once also where there are two cores.
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
});
