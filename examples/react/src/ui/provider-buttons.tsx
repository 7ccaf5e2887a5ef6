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
 * A button for each provider, or nothing if there is none. With `link` it links the provider to the signed-in
 * account; otherwise it signs in.
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
        // The session had ended, so this flow would sign in to another account and not link.
        if (link && !started.links) {
          return { summary: 'You are no longer signed in. Sign in and try again.', fields: {} };
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
