import { ApolloLink } from '@apollo/client/link';
import { from, mergeMap, of } from 'rxjs';
import { saysNotAuthenticated } from './not-authenticated.ts';
import type { Session } from './session-types.ts';

/**
 * An Apollo link that adds the access token to operations. Put it before the HTTP link:
 * `ApolloLink.from([sessionLink(session), new HttpLink({ uri })])`. If the server rejects the token, the link
 * refreshes it and sends the operation once more. If the session has ended, the operation's own result is
 * passed on.
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
