import { match } from '@latchkey/client';
import { useState } from 'react';
import { graphql } from '../generated';
import { useAct } from '../lib/act.ts';
import { useAuthSettings } from '../lib/auth-settings.ts';
import { leaveFor, redirectUri } from '../lib/oauth.ts';
import { type Problem, problemOf, problemOfFault } from '../lib/problem.ts';
import { Button } from './button.tsx';

const StartOAuth = graphql(`
  mutation StartOAuth($input: StartOAuthInput!) {
    startOAuth(input: $input) {
      __typename
      ... on OAuthStarted { authorizationUrl flowToken links }
      ...Refusal
    }
  }
`);

/**
 * A button for each provider the server offers, or nothing. Pressed by somebody who is signed in
 * it connects the provider to their account; otherwise it signs in.
 */
export function ProviderButtons({
  verb = 'Continue with',
  without = [],
}: {
  readonly verb?: 'Continue with' | 'Connect';
  readonly without?: readonly string[];
}) {
  const act = useAct();
  const settings = useAuthSettings();
  const [busy, setBusy] = useState<string | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const providers = settings?.oauthProviders.filter(({ id }) => !without.includes(id)) ?? [];
  if (providers.length === 0) return null;
  const begin = async (provider: string) => {
    setBusy(provider);
    setProblem(null);
    try {
      const input = { provider, redirectUri: redirectUri() };
      match(await act(StartOAuth, { input }), {
        OAuthStarted: leaveFor,
        Error: (refusal) => setProblem(problemOf(refusal)),
      });
    } catch (error) {
      setProblem(problemOfFault(error));
    } finally {
      setBusy(null);
    }
  };
  return (
    <section className="providers" aria-label="Other accounts">
      {problem && (
        <div role="alert" className="problem">
          <p>{problem.summary}</p>
        </div>
      )}
      {providers.map(({ id, name }) => (
        <Button key={id} busy={busy === id} onClick={() => begin(id)}>{`${verb} ${name}`}</Button>
      ))}
    </section>
  );
}
