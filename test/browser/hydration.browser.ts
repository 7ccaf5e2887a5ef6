import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Components, loadComponents, render } from '../../react/test/bundle.ts';
import { arriveAt, fill, press } from './support/acts.ts';
import { type AppServer, serveApp } from './support/app-server.ts';
import { launchChromium } from './support/chromium.ts';
import { signUpElsewhere } from './support/people.ts';
import { type RealServer, startRealServer } from './support/real-server.ts';
import { watch } from './support/watch.ts';

/** A page that a frontend's server has rendered, and React takes over in the browser, in strict mode. */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const CLIENT = `
  import { StrictMode, useState } from 'react';
  import { hydrateRoot } from 'react-dom/client';
  import { Frame, LatchkeyPages, LatchkeyProvider } from '@latchkey/react';

  function App() {
    const [pathname, setPathname] = useState(window.location.pathname);
    const navigation = { location: { pathname, search: '' }, navigate: setPathname };
    return (
      <LatchkeyProvider endpoint="/graphql" navigation={navigation}>
        <Frame><LatchkeyPages /></Frame>
      </LatchkeyProvider>
    );
  }
  hydrateRoot(document.getElementById('root'), <StrictMode><App /></StrictMode>);
`;

let folder: string;
let app: AppServer;
let server: RealServer;
let browser: Browser;
let components: Components;
let remove: () => Promise<void>;
beforeAll(async () => {
  ({ components, remove } = await loadComponents());
  folder = await mkdtemp(join(tmpdir(), 'latchkey-hydration-'));
  await build({
    stdin: { contents: CLIENT, resolveDir: join(ROOT, 'react'), loader: 'tsx' },
    outfile: join(folder, 'main.js'),
    bundle: true,
    format: 'esm',
    jsx: 'automatic',
    conditions: ['@latchkey/source'],
    // React reports a difference between the two renderings in development only.
    define: { 'process.env.NODE_ENV': '"development"' },
  });
  app = await serveApp(folder);
  server = await startRealServer(async () => ({ APP_URL: app.url, CORS_ORIGINS: app.url }));
  app.passOnTo(server.url);
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  app.close();
  await server.close();
  await remove();
  await rm(folder, { recursive: true });
});

test('the browser takes over what the server rendered without a difference, and signs in', async () => {
  const html = render(components, '/sign-in');
  await writeFile(
    join(folder, 'index.html'),
    `<!doctype html><html lang="en"><title>App</title><link rel="icon" href="data:,">
<div id="root">${html}</div><script type="module" src="/main.js"></script></html>`,
  );
  const account = await signUpElsewhere(server);
  const context = await browser.newContext({ baseURL: app.url });
  const problems = watch(context, [app.url, server.url]);
  const page = await context.newPage();
  await page.goto('/sign-in');
  await arriveAt(page, 'Sign in');
  await fill(page, 'Email address', account.email);
  await fill(page, 'Password', account.password);
  await press(page, 'Sign in');
  await arriveAt(page, 'Your account');
  expect(problems).toEqual([]);
});
