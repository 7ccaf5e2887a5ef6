/**
 * The whole round trip in a real browser: `node test/browser/oauth.ts <folder for screenshots>`.
 * Needs Chromium (CHROMIUM, or /usr/bin/chromium), so it is no part of `npm test`.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { startEmbeddedPostgres } from '../../dev/embedded-postgres.ts';
import { createHttpServer } from '../../src/api/http-server.ts';
import { createApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import { MIGRATIONS_FOLDER } from '../../src/db/folder.ts';
import { migrateUp } from '../../src/db/migrate.ts';
import { startHonestProvider } from '../support/honest-provider.ts';

const PORT = 4571;
const ORIGIN = `http://localhost:${PORT}`;
const nothing = () => undefined;
const log = { debug: nothing, info: nothing, warn: nothing, error: nothing };
const { CHROMIUM: executablePath = '/usr/bin/chromium' } = process.env;
const screenshots = process.argv[2] ?? join(tmpdir(), 'latchkey-screenshots');

const folder = await mkdtemp(join(tmpdir(), 'latchkey-browser-'));
await mkdir(screenshots, { recursive: true });
const postgres = await startEmbeddedPostgres({ dataDir: join(folder, 'postgres'), log: nothing });
await migrateUp(postgres.url, { folder: MIGRATIONS_FOLDER, log });
const provider = await startHonestProvider([`${ORIGIN}/oauth/callback`]);
const config = loadConfig({
  DATABASE_URL: postgres.url,
  PORT: String(PORT),
  SECRET_KEYS: randomBytes(32).toString('base64'),
  OIDC_PROVIDERS: JSON.stringify([provider.setting()]),
});
const app = await createApp(config, log);
const server = createHttpServer(app.handle, config.publicUrl, log);
await new Promise<void>((resolve) => server.listen(PORT, '127.0.0.1', resolve));
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });

async function signInAtProvider(page: Page, login: string): Promise<void> {
  await page.waitForSelector('input[name=login]');
  await page.fill('input[name=login]', login);
  await page.fill('input[name=password]', 'any');
  await page.click('button[type=submit]');
  await page.waitForSelector('input[name=prompt][value=consent]', { state: 'attached' });
  await page.click('button[type=submit]');
  await page.waitForURL(`${ORIGIN}/oauth/callback`);
  await page.waitForSelector('[role=status].good, [role=status].bad');
}

try {
  const page = await browser.newPage({ viewport: { width: 900, height: 900 } });
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (line) => {
    const isOurs = line.location().url.startsWith(ORIGIN);
    if (isOurs && line.type() === 'error') problems.push(line.text());
  });
  const shot = (name: string) => page.screenshot({ path: join(screenshots, `${name}.png`) });

  await page.goto(`${ORIGIN}/dev/oauth`);
  await page.waitForSelector('button');
  await shot('1-providers');
  await page.click('button');
  await signInAtProvider(page, 'ada');
  await shot('2-signed-in');
  const words = await page.textContent('[role=status]');
  assert.match(words ?? '', /You are signed in as ada@example\.com/);
  assert.equal(page.url(), `${ORIGIN}/oauth/callback`, 'the code is out of the address bar');
  const accessToken = await page.inputValue('textarea >> nth=1');

  await page.reload();
  await page.waitForSelector('[role=status].bad');
  assert.match((await page.textContent('[role=status]')) ?? '', /has begun no round trip/);

  await page.context().clearCookies();
  await page.goto(`${ORIGIN}/dev/oauth`);
  await page.fill('#accessToken', accessToken);
  await page.click('button');
  await signInAtProvider(page, 'grace');
  await shot('3-linked');
  assert.match((await page.textContent('[role=status]')) ?? '', /Honest is linked/);
  assert.deepEqual(problems, []);
  process.stdout.write(`The round trip works. Screenshots: ${screenshots}\n`);
} finally {
  await browser.close();
  server.closeAllConnections();
  server.close();
  await app.close();
  provider.close();
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
}
