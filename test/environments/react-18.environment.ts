import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadComponents, render } from '../../react/test/bundle.ts';
import { arriveAt, fill, press, signIn } from '../browser/support/acts.ts';
import { type AppServer, serveApp } from '../browser/support/app-server.ts';
import { launchChromium } from '../browser/support/chromium.ts';
import { signUpElsewhere } from '../browser/support/people.ts';
import { type RealServer, startRealServer } from '../browser/support/real-server.ts';
import { watch } from '../browser/support/watch.ts';

/** The components with React 18, rendered by Node and in strict mode in Chromium. */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Beside this file, React 18 is installed; everywhere else, React 19. */
const HERE = fileURLToPath(import.meta.url);

let folder: string;
let app: AppServer;
let server: RealServer;
let browser: Browser;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-react-18-'));
  await bundleExample(folder);
  app = await serveApp(folder);
  server = await startRealServer(async () => ({ APP_URL: app.url, CORS_ORIGINS: app.url }));
  app.passOnTo(server.url);
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  app?.close();
  await server?.close();
  await rm(folder, { recursive: true });
});

/** Builds the example with React 18 in place of its own React. */
async function bundleExample(outdir: string): Promise<void> {
  const { resolve } = createRequire(HERE);
  await build({
    entryPoints: [join(ROOT, 'examples/react/src/main.tsx')],
    outdir,
    bundle: true,
    format: 'esm',
    jsx: 'automatic',
    conditions: ['@latchkey/source'],
    define: { 'import.meta.env.VITE_REFRESH_COOKIE': '"false"' },
    alias: {
      'react/jsx-runtime': resolve('react/jsx-runtime'),
      'react-dom/client': resolve('react-dom/client'),
      react: resolve('react'),
    },
  });
  await cp(join(ROOT, 'examples/react/public'), outdir, { recursive: true });
  await writeFile(
    join(outdir, 'index.html'),
    `<!doctype html><html lang="en"><title>App</title><link rel="icon" href="/key.svg">
<link rel="stylesheet" href="/main.css"><div id="root"></div><script type="module" src="/main.js"></script></html>`,
  );
}

test('React 18 renders every page on a server', async () => {
  const { components, remove } = await loadComponents(HERE);
  try {
    expect(components.version).toMatch(/^18\./);
    for (const path of Object.values(components.DEFAULT_PATHS)) {
      expect(render(components, path)).toContain('Loading');
    }
  } finally {
    await remove();
  }
});

test('React 18 in strict mode: sign in, change the name, sign out', async () => {
  const account = await signUpElsewhere(server);
  const context = await browser.newContext({ baseURL: app.url });
  const problems = watch(context, [app.url, server.url]);
  const page = await context.newPage();
  await signIn(page, account);
  await fill(page, 'Name', 'Ada Lovelace');
  await press(page, 'Save profile');
  await page.getByText('Your profile was saved.').waitFor();
  await page.reload();
  await arriveAt(page, 'Your account');
  await press(page, 'Sign out');
  await arriveAt(page, 'Sign in');
  expect(problems).toEqual([]);
});
