import type { MemoryMailer } from '../../mail/memory-mailer.ts';
import { indexPage } from './index-page.ts';
import { mailboxJson, mailboxPage } from './mailbox.ts';
import { OAUTH_CALLBACK_PATH, oauthCallbackPage, oauthPage } from './oauth-page.ts';
import { PROOF_PAGES, proofPage } from './proof-pages.ts';

/** Responds to one path. */
export type PageHandler = (request: Request) => Response;

/**
 * Every page that exists only in development, by its exact path. The mailbox
 * shows codes and links to every client, so only a development server may mount these routes.
 */
export function developmentRoutes(
  mailer: MemoryMailer,
  providers: readonly { readonly id: string }[],
): Readonly<Record<string, PageHandler>> {
  const handlers: Record<string, PageHandler> = {
    '/': indexPage,
    '/dev/mailbox': (request) => mailboxPage(mailer, request),
    '/dev/mailbox.json': (request) => mailboxJson(mailer, request),
    '/dev/oauth': oauthPage,
    ...Object.fromEntries(providers.map(({ id }) => [OAUTH_CALLBACK_PATH + id, oauthCallbackPage])),
    ...Object.fromEntries(
      Object.entries(PROOF_PAGES).map(([path, page]) => [path, () => proofPage(page)]),
    ),
  };
  return Object.fromEntries(
    Object.entries(handlers).map(([path, handler]) => [path, readOnly(handler)]),
  );
}

/** GET and HEAD; a page changes nothing. */
function readOnly(handler: PageHandler): PageHandler {
  return (request) => {
    if (request.method === 'GET') return handler(request);
    if (request.method === 'HEAD') {
      const { status, headers } = handler(request);
      return new Response(null, { status, headers });
    }
    return new Response(null, { status: 405, headers: { allow: 'GET, HEAD' } });
  };
}
