import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { PROOF_PAGES } from '../../../dev/pages/proof-pages.ts';
import { developmentPages } from '../../../dev/pages/routes.ts';
import { loadConfig } from '../../../src/config.ts';
import type { OperationContext } from '../../../src/graphql-engine/context.ts';
import { asFetch } from '../../../src/http/fetch.ts';
import type { Mail } from '../../../src/kernel/ports.ts';
import { english } from '../../../src/mail/language/en.ts';
import { createMemoryMailer, type MemoryMailer } from '../../../src/mail/memory-mailer.ts';
import { renderMail } from '../../../src/mail/render.ts';
import { SAMPLES } from '../../mail/samples.ts';
import { startListening } from '../../support/listening.ts';
import { SILENT } from '../../support/silent-log.ts';

const ORIGIN = 'http://localhost:4000';
const CONFIG = loadConfig({
  DATABASE_URL: 'postgres://localhost/none',
  SECRET_KEYS: randomBytes(32).toString('base64'),
  GOOGLE_CLIENT_ID: 'an-id',
  GOOGLE_CLIENT_SECRET: 'a-secret',
});
const now = new Date('2026-02-03T04:05:06.789Z');

async function mailbox(...extra: Omit<Mail, 'messageId'>[]) {
  const mailer = createMemoryMailer({ log: SILENT, clock: { now: () => now } });
  const rendered = renderMail(SAMPLES['reset-password'], {
    appName: 'Example',
    language: english,
    now,
  });
  await mailer.send({ messageId: '<0@x>', to: 'ada@example.com', ...rendered });
  for (const [n, mail] of extra.entries())
    await mailer.send({ messageId: `</script><script>alert(${n})</script>`, ...mail });
  return mailer;
}

async function get(path: string, mailer?: MemoryMailer, method = 'GET'): Promise<Response> {
  const request = new Request(new URL(path, ORIGIN), { method });
  const routes = developmentPages({ mailer: mailer ?? (await mailbox()), config: CONFIG });
  const steps = routes[new URL(request.url).pathname]?.steps ?? [];
  const fetch = asFetch(async (asked) => {
    for (const [, run] of steps) {
      const response = await run(asked, {} as OperationContext);
      if (response) return response;
    }
    throw new Error('no such page');
  });
  return fetch(request);
}

const PAGES = [
  '/',
  '/dev/mailbox',
  '/dev/oauth',
  '/oauth/callback/google',
  ...Object.keys(PROOF_PAGES),
];

describe('every page', () => {
  test('the list has every page that a mail links to', () => {
    expect(PAGES).toEqual(
      expect.arrayContaining([
        '/verify-email',
        '/reset-password',
        '/confirm-email-change',
        '/undo-email-change',
      ]),
    );
  });

  test.each(PAGES)('%s runs only its own script and loads nothing', async (path) => {
    const response = await get(`${path}?token=abc`);
    const document = await response.text();
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/script-src[^;]*unsafe|https?:|\*/);
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(document).not.toMatch(/<(?:script|img|link|iframe)[^>]*(?:src|href)="(?!data:,)/);
    expect(document).not.toMatch(/ on[a-z]+="/);
    for (const [element, directive] of [
      ['style', 'style-src'],
      ['script', 'script-src'],
    ] as const) {
      const inline = [...document.matchAll(new RegExp(`<${element}>(.*?)</${element}>`, 'gs'))];
      for (const [, source = ''] of inline) {
        const hash = createHash('sha256').update(source).digest('base64');
        expect(policy).toContain(`${directive} 'sha256-${hash}'`);
      }
    }
  });

  test.each(PAGES)('%s allows GET and HEAD only', async (path) => {
    for (const method of ['POST', 'PUT', 'DELETE']) {
      const response = await get(path, undefined, method);
      expect(response.status).toBe(405);
      expect(response.headers.get('allow')).toBe('GET, HEAD');
    }
    expect((await get(path, undefined, 'HEAD')).status).toBe(200);
  });

  test('a development server has every page, HEAD sends no body, and other servers have none', async () => {
    const google = { GOOGLE_CLIENT_ID: 'an-id', GOOGLE_CLIENT_SECRET: 'a-secret' };
    const server = await startListening({ env: google, developmentPages });
    const bare = await startListening({ env: google });
    for (const path of PAGES) {
      const head = `HEAD ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`;
      expect(await server.raw(head)).toMatch(/^HTTP\/1\.1 200 [\s\S]*\r\n\r\n$/);
      expect((await fetch(server.url + path)).status).toBe(200);
      expect((await fetch(bare.url + path)).status).toBe(404);
    }
    await server.close();
    await bare.close();
  });

  test.each(Object.keys(PROOF_PAGES))('PR-3: %s is the same whatever its token', async (path) => {
    const evil = '%22%3E%3Cscript%3Ealert(1)%3C/script%3E';
    const one = await (await get(`${path}?token=abc`)).text();
    const other = await (await get(`${path}?token=${evil}`)).text();
    expect(other).toBe(one);
    expect(one).toContain('<button type="submit">');
  });
});

describe('the mailbox', () => {
  const evil = {
    to: 'eve@example.com',
    subject: '<script>alert(1)</script>',
    text: 'see https://x.example/"><img src=x onerror=alert(1)>\n<b>bold</b>\n',
    html: '"></iframe><script>alert(2)</script>',
  };

  test('the mailbox shows a mail with its code, its link, and its HTML in a frame that runs nothing', async () => {
    const document = await (await get('/dev/mailbox')).text();
    expect(document).toContain('ada@example.com');
    expect(document).toContain('Reset your password');
    expect(document).toContain('<p class="code">01234567</p>');
    const { url } = SAMPLES['reset-password'];
    expect(document).toContain(`class="button" href="${url}"`);
    const [frame = ''] = /<iframe[^>]*>/.exec(document) ?? [];
    expect(frame).toContain('sandbox="allow-popups allow-popups-to-escape-sandbox"');
    expect(frame).not.toMatch(/allow-scripts|allow-same-origin/);
    expect(frame).toContain('srcdoc="&lt;!doctype html&gt;');
  });

  test('the mailbox escapes the content of a mail (CVE-2022-31127)', async () => {
    const document = await (await get('/dev/mailbox', await mailbox(evil))).text();
    expect(document).not.toContain('<script>alert');
    expect(document).not.toContain('<img');
    expect(document).not.toContain('<b>');
    expect(document).toContain('&lt;script&gt;alert(1)');
    expect(document).toContain('href="https://x.example/"');
  });

  test('the mailbox makes no link of another scheme', async () => {
    const text = 'javascript:alert(1) data:text/html,x\n';
    const document = await (await get('/dev/mailbox', await mailbox({ ...evil, text }))).text();
    expect(document).not.toMatch(/href="(?:javascript|data:text)/);
  });

  test('the mailbox lists the newest mail first, and mails to one address on request', async () => {
    const mailer = await mailbox(evil);
    const all = await (await get('/dev/mailbox.json', mailer)).json();
    expect(all.map(({ to }: { to: string }) => to)).toEqual(['eve@example.com', 'ada@example.com']);
    const one = await (await get('/dev/mailbox.json?to=Ada@example.com', mailer)).json();
    expect(one).toEqual([
      expect.objectContaining({
        to: 'ada@example.com',
        code: '01234567',
        link: SAMPLES['reset-password'].url,
        receivedAt: now.toISOString(),
      }),
    ]);
    expect(await (await get('/dev/mailbox.json?to=nobody@example.com', mailer)).json()).toEqual([]);
    const page = await (await get('/dev/mailbox?to=nobody@example.com', mailer)).text();
    expect(page).toContain('No mail yet');
  });
});
