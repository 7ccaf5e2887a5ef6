import { useQuery } from 'urql';
import { graphql } from '../generated';
import type { MailedTokenKind } from '../generated/graphql';

const MailedTokenQuery = graphql(`
  query MailedToken($token: String!) {
    mailedToken(token: $token) {
      kind
      email
      requestedAt
      ipAddress
      userAgent
      undoes { ...Change }
      stays { ...Change }
    }
  }
`);

/**
 * Reads what the token of a link is for, without using it. `mailed` is null while it is being read, and for a
 * token that is of another kind, used, expired or unknown.
 */
export function useMailedToken(token: string | null, kind: MailedTokenKind) {
  const [{ data, error, fetching }, ask] = useQuery({
    query: MailedTokenQuery,
    variables: { token: token ?? '' },
    pause: token === null,
    requestPolicy: 'network-only',
  });
  const found = data?.mailedToken ?? null;
  return {
    mailed: found?.kind === kind ? found : null,
    fetching: fetching || (token !== null && !data && !error),
    failed: error !== undefined && !data,
    retry: () => ask({ requestPolicy: 'network-only' }),
  };
}
