import { match } from '@latchkey/client';
import { startOAuth } from '@latchkey/client/operations';
import type { ReactNode } from 'react';
import { useLatchkey } from '../context.ts';
import { leaveFor, redirectUri } from '../lib/oauth.ts';
import { useProblems } from '../lib/problem.ts';
import { rememberReturn } from '../lib/return-to.ts';
import { useIdentities } from '../lib/use-identities.ts';
import { usePress } from '../lib/use-press.ts';
import { useNavigation } from '../navigation.tsx';
import { Alert } from './alert.tsx';
import { Button } from './button.tsx';
import { ProviderMark } from './provider-mark.tsx';

/**
 * Reauthentication for a person without a password: a new sign-in at their provider. The flow is started
 * without the access token, which would make it a link.
 */
export function SignInAgain({ aside }: { readonly aside: ReactNode }) {
  const { session, messages, paths } = useLatchkey();
  const { here } = useNavigation();
  const { problemOf } = useProblems();
  const { identities } = useIdentities();
  const { pressed, problem, press, waiting } = usePress();
  const begin = async (provider: string) => {
    // A new sign-in, because this morning's sign-in proves nothing about the person at the device now.
    const input = { provider, redirectUri: redirectUri(paths, provider), freshLogin: true };
    return match(await session.executeAnonymously(startOAuth, { input }), {
      OAuthStarted: (started) => {
        rememberReturn(here().pathname);
        return leaveFor(started);
      },
      Error: (refusal) => problemOf(refusal),
    });
  };
  return (
    <>
      <p>{messages.stepUp.atProvider}</p>
      <Alert problem={problem} waiting={waiting} />
      <div className="lk-actions">
        {identities?.map(({ id, provider }) => (
          <Button
            key={id}
            busy={pressed === id}
            icon={<ProviderMark provider={provider} />}
            onClick={() => press(id, () => begin(provider.id))}
          >
            {messages.signIn.continueWith(provider.name)}
          </Button>
        ))}
        {aside}
      </div>
    </>
  );
}
