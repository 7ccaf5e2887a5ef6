import { createTransport, match, send } from '@latchkey/client';
import { startOAuth } from '@latchkey/client/operations';
import type { ReactNode } from 'react';
import { COOKIE_MODE } from '../lib/cookie-mode.ts';
import { leaveFor, redirectUri } from '../lib/oauth.ts';
import { problemOf } from '../lib/problem.ts';
import { rememberReturn } from '../lib/return-to.ts';
import { useIdentities } from '../lib/use-identities.ts';
import { usePress } from '../lib/use-press.ts';
import { Alert } from './alert.tsx';
import { Button } from './button.tsx';

/**
 * Reauthentication for a person without a password: a new sign-in at their provider. The flow is started
 * without the access token, which would make it a link.
 */
export function SignInAgain({ aside }: { readonly aside: ReactNode }) {
  const { identities } = useIdentities();
  const { pressed, problem, press, waiting } = usePress();
  const begin = async (provider: string) => {
    const transport = createTransport({ endpoint: '/graphql', cookie: COOKIE_MODE });
    // A new sign-in, because this morning's sign-in proves nothing about the person at the device now.
    const input = { provider, redirectUri: redirectUri(provider), freshLogin: true };
    return match(await send(transport, startOAuth, { input }), {
      OAuthStarted: (started) => {
        rememberReturn(location.pathname);
        return leaveFor(started);
      },
      Error: (refusal) => problemOf(refusal),
    });
  };
  return (
    <>
      <p>Sign in again there. You will return to this page; then repeat what you were doing.</p>
      <Alert problem={problem} waiting={waiting} />
      <div className="actions">
        {identities?.map(({ id, provider }) => (
          <Button
            key={id}
            kind="primary"
            busy={pressed === id}
            onClick={() => press(id, () => begin(provider.id))}
          >
            {`Continue with ${provider.name}`}
          </Button>
        ))}
        {aside}
      </div>
    </>
  );
}
