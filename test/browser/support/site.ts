import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, inject } from 'vitest';
import { type AppServer, serveApp } from './app-server.ts';
import type { AppMode } from './build-app.ts';
import { launchChromium } from './chromium.ts';
import { type RealServer, startRealServer } from './real-server.ts';
import { watch } from './watch.ts';

/** examples/react as people meet it: in Chromium, with the real server behind it. */
export type Site = {
  readonly url: string;
  readonly server: RealServer;
  /** A page of a browser nobody has used yet. */
  visit(options?: BrowserContextOptions): Promise<Page>;
  /** What was wrong in any browser since it was asked last. After each test there may be nothing. */
  problems(): readonly string[];
};

type SiteOptions = {
  readonly mode?: AppMode;
  /** More settings, from the address of the app. */
  readonly env?: (url: string) => Promise<Readonly<Record<string, string>>>;
};

/** How long a locator may wait: the machine may be busy. */
const PATIENCE = 15_000;

/** A site for the tests of one file, with a server and a database of its own. */
export function useSite({ mode = 'cookie', env = async () => ({}) }: SiteOptions = {}): Site {
  let app: AppServer;
  let server: RealServer;
  let browser: Browser;
  const noted: string[][] = [];

  beforeAll(async () => {
    app = await serveApp(inject('appFolders')[mode]);
    const settings = {
      APP_URL: app.url,
      CORS_ORIGINS: app.url,
      REFRESH_COOKIE: String(mode === 'cookie'),
      ...(await env(app.url)),
    };
    server = await startRealServer(async () => settings);
    app.passOnTo(server.url);
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser.close();
    app.close();
    await server.close();
  });

  const problems = () => noted.flatMap((lines) => lines.splice(0));
  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
    expect(problems()).toEqual([]);
  });

  return {
    get url() {
      return app.url;
    },
    get server() {
      return server;
    },
    visit: async (wanted) => {
      const context = await browser.newContext({
        baseURL: app.url,
        reducedMotion: 'reduce',
        ...wanted,
      });
      context.setDefaultTimeout(PATIENCE);
      noted.push(watch(context, [app.url, server.url]));
      return context.newPage();
    },
    problems,
  };
}
