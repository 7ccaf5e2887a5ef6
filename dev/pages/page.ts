import { createHash } from 'node:crypto';
import { Html, html } from '../../src/kernel/html.ts';
import { STYLE } from './style.ts';

/** A page of the development server. */
export type Page = {
  readonly title: string;
  readonly body: Html;
  /** A constant script of this server. Values reach it through `data`. */
  readonly script?: string;
  /** The values that the script reads from the element `#data`. */
  readonly data?: unknown;
  /** Allows style attributes, which the mails shown in frames of this page contain. */
  readonly styleAttributes?: boolean;
};

/**
 * A self-contained page. It loads nothing, runs one script that its policy names by hash and connects only to this
 * server. It sends no referrer, because its address may contain a token (PR-10, HT-4).
 */
export function respondWithPage(page: Page): Response {
  const { title, body, script, data, styleAttributes = false } = page;
  const policy = [
    "default-src 'none'",
    `style-src ${hashOf(STYLE)}`,
    ...(styleAttributes ? ["style-src-attr 'unsafe-inline'"] : []),
    ...(script ? [`script-src ${hashOf(script)}`, "connect-src 'self'"] : []),
    // The empty icon, which keeps browsers from asking for /favicon.ico.
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${title} · Latchkey development</title>
<link rel="icon" href="data:,">
<style>${new Html(STYLE)}</style>
</head>
<body>
<header><a href="/">Latchkey</a> <span>development</span></header>
<main>
${body}
</main>
${data === undefined ? null : html`<script type="application/json" id="data">${json(data)}</script>\n`}${
  script ? html`<script>${new Html(script)}</script>\n` : null
}</body>
</html>
`;
  return new Response(document.toString(), {
    headers: {
      ...HEADERS,
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy,
    },
  });
}

/** JSON for scripts, with the same headers. */
export function respondWithJson(value: unknown): Response {
  return new Response(JSON.stringify(value, null, 2), {
    headers: { ...HEADERS, 'content-type': 'application/json; charset=utf-8' },
  });
}

const HEADERS = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const;

function hashOf(source: string): string {
  return `'sha256-${createHash('sha256').update(source).digest('base64')}'`;
}

/** Inside a script element entities are not decoded, and only `<` can end the element. */
function json(value: unknown): Html {
  return new Html(JSON.stringify(value).replaceAll('<', '\\u003c'));
}
