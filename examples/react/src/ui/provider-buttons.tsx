import { match } from '@latchkey/client';
import { graphql } from '../generated';
import { useAct } from '../lib/act.ts';
import { useAuthSettings } from '../lib/auth-settings.ts';
import { leaveFor, redirectUri } from '../lib/oauth.ts';
import { problemOf } from '../lib/problem.ts';
import { usePress } from '../lib/use-press.ts';
import { Alert } from './alert.tsx';
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
 * A button for each provider the server offers, or nothing. With `link` it connects the provider
 * to the account of who is signed in; otherwise it signs in.
 */
export function ProviderButtons({
  link = false,
  without = [],
}: {
  readonly link?: boolean;
  readonly without?: readonly string[];
}) {
  const act = useAct();
  const settings = useAuthSettings();
  const { pressed, problem, press, waiting } = usePress();
  const providers = settings?.oauthProviders.filter(({ id }) => !without.includes(id)) ?? [];
  if (providers.length === 0) return null;

  const begin = async (provider: string) =>
    match(await act(StartOAuth, { input: { provider, redirectUri: redirectUri(provider) } }), {
      OAuthStarted: (started) => {
        // Meant to link, but the session was over: it would sign in to another account instead.
        if (link && !started.links) {
          return { summary: 'You are not signed in any more. Sign in and try again.', fields: {} };
        }
        return leaveFor(started);
      },
      Error: (refusal) => problemOf(refusal),
    });
  const verb = link ? 'Connect' : 'Continue with';
  return (
    <div className="providers">
      <Alert problem={problem} waiting={waiting} />
      {providers.map(({ id, name }) => (
        <Button key={id} busy={pressed === id} onClick={() => press(id, () => begin(id))}>
          {`${verb} ${name}`}
        </Button>
      ))}
    </div>
  );
}
