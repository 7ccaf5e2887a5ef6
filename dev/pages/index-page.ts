import { html } from '../../src/kernel/html.ts';
import { respondWithPage } from './page.ts';

const PLACES = [
  ['/graphql', 'GraphiQL', 'The API explorer, with example operations in tabs.'],
  ['/dev/mailbox', 'Mailbox', 'The mails this server would have sent, with their links and codes.'],
  ['/dev/oauth', 'Providers', 'Try signing in with Google or another provider.'],
  ['/.well-known/jwks.json', 'Signing keys', 'The public keys for verifying access tokens.'],
  ['/.well-known/openid-configuration', 'Discovery', 'The issuer and the address of its keys.'],
  ['/health/ready', 'Readiness', 'Whether the database is reachable and its schema is current.'],
  ['/health/live', 'Liveness', 'Whether the process responds.'],
] as const;

/** The start page of a development server: links to everything it offers. */
export function indexPage(): Response {
  return respondWithPage({
    title: 'Start',
    body: html`<h1>The server is running.</h1>
<div class="card"><dl>
${PLACES.map(([path, name, use]) => html`<dt><a href="${path}">${name}</a></dt>\n<dd>${use} <code>${path}</code></dd>\n`)}</dl></div>
<p class="quiet">These pages exist only in development.</p>`,
  });
}
