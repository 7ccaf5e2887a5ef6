import type { DevelopmentPages } from '../../src/app.ts';
import { fromResponse, toRequest } from '../../src/http/fetch.ts';
import { readOnly } from '../../src/http/routes.ts';
import type { MemoryMailer } from '../../src/mail/memory-mailer.ts';
import { indexPage } from './index-page.ts';
import { mailboxJson, mailboxPage } from './mailbox.ts';
import { OAUTH_CALLBACK_PATH, oauthCallbackPage, oauthPage } from './oauth-page.ts';
import { PROOF_PAGES, proofPage } from './proof-pages.ts';

/** Answers one path. */
type PageHandler = (request: Request) => Response;

/** Every page that exists in development and never in production, by its exact path. */
function pagesByPath(
  mailer: MemoryMailer,
  providers: readonly { readonly id: string }[],
): Readonly<Record<string, PageHandler>> {
  return {
    '/': indexPage,
    '/dev/mailbox': (request) => mailboxPage(mailer, request),
    '/dev/mailbox.json': (request) => mailboxJson(mailer, request),
    '/dev/oauth': oauthPage,
    ...Object.fromEntries(providers.map(({ id }) => [OAUTH_CALLBACK_PATH + id, oauthCallbackPage])),
    ...Object.fromEntries(
      Object.entries(PROOF_PAGES).map(([path, page]) => [path, () => proofPage(page)]),
    ),
  };
}

/**
 * The pages as routes. The mailbox shows codes and links to everybody who can reach it: only a
 * development server may have these routes.
 */
export const developmentPages: DevelopmentPages = ({ mailer, config }) =>
  Object.fromEntries(
    Object.entries(pagesByPath(mailer, config.oauth.providers)).map(([path, page]) => [
      path,
      readOnly([
        'development page',
        (request) => fromResponse(page(toRequest(request, config.publicUrl))),
      ]),
    ]),
  );
