import { ApolloLink } from '@apollo/client/link';
import { from, mergeMap, of } from 'rxjs';
import { saysNotAuthenticated } from './not-authenticated.ts';
import type { Session } from './session-types.ts';

/**
 * The link that signs operations, for the place before the HTTP link:
 * `ApolloLink.from([sessionLink(session), new HttpLink({ uri })])`. An operation whose token was
 * not taken is sent once more after a refresh; when the session is over, its own answer stands.
 */
export function sessionLink(session: Pick<Session, 'getAccessToken' | 'refresh'>): ApolloLink {
  return new ApolloLink((operation, forward) => {
    const sign = (token: string | null) => {
      if (token !== null) {
        operation.setContext(({ headers }: { readonly headers?: Record<string, string> }) => ({
          headers: { ...headers, authorization: `Bearer ${token}` },
        }));
      }
      return forward(operation);
    };
    return from(session.getAccessToken()).pipe(
      mergeMap((token) =>
        sign(token).pipe(
          mergeMap((result) => {
            if (token === null || !saysNotAuthenticated(result)) return of(result);
            return from(session.refresh(token)).pipe(
              mergeMap((next) => (next === null ? of(result) : sign(next))),
            );
          }),
        ),
      ),
    );
  });
}
