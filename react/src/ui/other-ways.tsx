import { useMessages } from '../context.ts';
import { useAuthSettings } from '../lib/use-auth-settings.ts';
import { ProviderButtons } from './provider-buttons.tsx';

/**
 * The ways of signing in besides a password, above the form, with the line that separates them from it: providers
 * today. A passkey's button and sign-in by mail belong here as well, each if the server offers it.
 */
export function OtherWays() {
  const { common } = useMessages();
  const settings = useAuthSettings();
  if (!settings?.oauthProviders.length) return null;
  return (
    <>
      <ProviderButtons />
      <p className="lk-divider">
        <span>{common.or}</span>
      </p>
    </>
  );
}
