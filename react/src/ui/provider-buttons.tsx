import { match } from '@latchkey/client';
import { startOAuth } from '@latchkey/client/operations';
import { useLatchkey } from '../context.ts';
import { useAct } from '../lib/act.ts';
import { leaveFor, redirectUri } from '../lib/oauth.ts';
import { useProblems } from '../lib/problem.ts';
import { useAuthSettings } from '../lib/use-auth-settings.ts';
import { usePress } from '../lib/use-press.ts';
import { Alert } from './alert.tsx';
import { Button } from './button.tsx';
import { ProviderMark } from './provider-mark.tsx';

/** More providers than this stand side by side, and each button shows the name of its provider alone. */
const MOST_IN_WORDS = 4;

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
  const { messages, paths } = useLatchkey();
  const { problemOf } = useProblems();
  const { pressed, problem, press, waiting } = usePress();
  const providers = settings?.oauthProviders.filter(({ id }) => !without.includes(id)) ?? [];
  if (providers.length === 0) return null;

  const begin = async (provider: string) => {
    const input = { provider, redirectUri: redirectUri(paths, provider) };
    return match(await act(startOAuth, { input }), {
      OAuthStarted: (started) => {
        // The session had ended, so this flow would sign in to another account and not link.
        if (link && !started.links) return { summary: messages.problems.sessionGone, fields: {} };
        return leaveFor(started);
      },
      Error: (refusal) => problemOf(refusal),
    });
  };
  const label = link ? messages.account.connect : messages.signIn.continueWith;
  const isCompact = providers.length > MOST_IN_WORDS;
  return (
    <div className={`lk-providers ${isCompact ? 'lk-compact' : ''}`}>
      {providers.map(({ id, name, brand }) => (
        <Button
          key={id}
          busy={pressed === id}
          icon={<ProviderMark provider={{ name, brand }} />}
          {...(isCompact && { 'aria-label': label(name) })}
          onClick={() => press(id, () => begin(id))}
        >
          {isCompact ? name : label(name)}
        </Button>
      ))}
      <Alert problem={problem} waiting={waiting} />
    </div>
  );
}
