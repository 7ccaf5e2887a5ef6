import { CSRF_HEADER, type Session } from '@latchkey/client';
import { sessionExchanges } from '@latchkey/client/urql';
import { Client, cacheExchange, fetchExchange } from 'urql';
import { COOKIE_MODE } from './cookie-mode.ts';
import { fetchAndNoteTime } from './server-clock.ts';

/** The GraphQL client: urql's own exchanges, with the session's exchanges between them. */
export function createClient(session: Session): Client {
  return new Client({
    url: '/graphql',
    preferGetMethod: false,
    fetch: fetchAndNoteTime,
    exchanges: [cacheExchange, ...sessionExchanges(session), fetchExchange],
    fetchOptions: {
      // A redirect would take the password to another address.
      redirect: 'error',
      ...(COOKIE_MODE && { headers: { [CSRF_HEADER]: '1' } }),
    },
  });
}
