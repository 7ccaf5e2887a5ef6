import { type MailedToken, type MailedTokenKind, mailedToken } from '@latchkey/client/operations';
import { useQuery } from './use-query.ts';

/**
 * Reads what the token of a link is for, without using it. `mailed` is null while it is being read, and for a
 * token that is of another kind, used, expired or unknown.
 */
export function useMailedToken(
  token: string | null,
  kind: MailedTokenKind,
): {
  readonly mailed: MailedToken | null;
  readonly isFetching: boolean;
  readonly hasFailed: boolean;
  readonly retry: () => void;
} {
  const { data, error, isFetching, refetch } = useQuery(
    mailedToken,
    { token: token ?? '' },
    { isPaused: token === null, isFresh: true },
  );
  return {
    mailed: data?.kind === kind ? data : null,
    isFetching: isFetching || (token !== null && data === undefined && error === undefined),
    hasFailed: error !== undefined && data === undefined,
    retry: refetch,
  };
}
