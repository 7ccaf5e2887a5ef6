import { createTransport, match, send } from '@latchkey/client';
import { startOAuth } from '@latchkey/client/operations';
import { type ReactNode, useState } from 'react';
import { useQuery } from 'urql';
import { graphql } from '../generated';
import { COOKIE_MODE } from '../lib/cookie-mode.ts';
import { leaveFor, redirectUri } from '../lib/oauth.ts';
import { type Problem, problemOf, problemOfFault } from '../lib/problem.ts';
import { rememberReturn } from '../lib/return-to.ts';
import { Button } from './button.tsx';

const MyProviders = graphql(`
  query MyProviders {
    viewer { identities { id provider { id name } } }
  }
`);

/**
 * The proof of somebody without a password: a new sign-in at their provider. It is begun without
 * the access token, which would make it a link.
 */
export function SignInAgain({ aside }: { readonly aside: ReactNode }) {
  const [{ data }] = useQuery({ query: MyProviders });
  const [problem, setProblem] = useState<Problem | null>(null);
  const begin = async (provider: string) => {
    const transport = createTransport({ endpoint: '/graphql', cookie: COOKIE_MODE });
    try {
      const input = { provider, redirectUri: redirectUri() };
      match(await send(transport, startOAuth, { input }), {
        OAuthStarted: (started) => {
          rememberReturn(location.pathname);
          leaveFor(started);
        },
        Error: (refusal) => setProblem(problemOf(refusal)),
      });
    } catch (error) {
      setProblem(problemOfFault(error));
    }
  };
  return (
    <>
      <p>Sign in again, then come back here and repeat what you were doing.</p>
      {problem && (
        <div role="alert" className="problem">
          <p>{problem.summary}</p>
        </div>
      )}
      <div className="actions">
        {data?.viewer?.identities.map(({ id, provider }) => (
          <Button key={id} kind="primary" onClick={() => begin(provider.id)}>
            {`Continue with ${provider.name}`}
          </Button>
        ))}
        {aside}
      </div>
    </>
  );
}
