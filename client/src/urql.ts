import { CombinedError, type Exchange, mapExchange } from '@urql/core';
import { authExchange } from '@urql/exchange-auth';
import { saysNotAuthenticated } from './not-authenticated.ts';
import type { Session } from './session-types.ts';

const CODE = 'UNAUTHENTICATED';

/**
 * The urql exchanges that add the access token to operations. Put them before `fetchExchange`: `[cacheExchange,
 * ...sessionExchanges(session), fetchExchange]`. If the server rejects the token, they refresh it and send the
 * operation once more. If the session has ended, the operation's own result is passed on.
 */
export function sessionExchanges(
  session: Pick<Session, 'getAccessToken' | 'peek' | 'refresh' | 'state'>,
): readonly [Exchange, Exchange] {
  let token: string | null = null;
  let refused: string | null = null;
  const auth = authExchange(async ({ appendHeaders }) => ({
    addAuthToOperation: (operation) =>
      token === null ? operation : appendHeaders(operation, { authorization: `Bearer ${token}` }),
    willAuthError: () => {
      token = session.peek();
      return token === null && session.state().status !== 'signed-out';
    },
    didAuthError: (error) => error.graphQLErrors.some(isRefusal),
    refreshAuth: async () => {
      token = refused === null ? await session.getAccessToken() : await session.refresh(refused);
      refused = null;
    },
  }));
  const notice = mapExchange({
    onResult: (result) => {
      const { authAttempt } = result.operation.context;
      if (authAttempt === true || token === null) return result;
      const errors = result.error?.graphQLErrors;
      if (!saysNotAuthenticated({ data: result.data, errors })) return result;
      refused = token;
      return { ...result, error: new CombinedError({ graphQLErrors: [REFUSAL] }) };
    },
  });
  return [auth, notice];
}

/** Reports the rejection to `authExchange`, which only looks at top-level errors. */
const REFUSAL = { message: 'Not signed in.', extensions: { code: CODE } };

function isRefusal({ extensions }: { readonly extensions: Readonly<Record<string, unknown>> }) {
  return extensions['code'] === CODE;
}
