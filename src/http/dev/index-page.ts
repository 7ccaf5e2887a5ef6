import { html } from '../../kernel/html.ts';
import { respondWithPage } from './page.ts';

const PLACES = [
  ['/graphql', 'GraphiQL', 'The API, with the journeys as tabs to try.'],
  ['/dev/mailbox', 'Mailbox', 'What this server would have mailed: links and codes.'],
  ['/dev/oauth', 'Providers', 'Sign in with Google or another provider, by hand.'],
  ['/.well-known/jwks.json', 'Signing keys', 'Public keys, for whoever checks access tokens.'],
  ['/.well-known/openid-configuration', 'Discovery', 'Issuer and where the keys are.'],
  ['/health/ready', 'Readiness', 'Whether the database is reachable and migrated.'],
  ['/health/live', 'Liveness', 'Whether the process answers.'],
] as const;

/** Where everything is, for whoever opens the server's address in development. */
export function indexPage(): Response {
  return respondWithPage({
    title: 'Start',
    body: html`<h1>The server is running.</h1>
<div class="card"><dl>
${PLACES.map(([path, name, use]) => html`<dt><a href="${path}">${name}</a></dt>\n<dd>${use} <code>${path}</code></dd>\n`)}</dl></div>
<p class="quiet">These pages exist in development only.</p>`,
  });
}
