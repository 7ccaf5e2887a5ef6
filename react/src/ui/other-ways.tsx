import { useMessages } from '../context.ts';
import { useAuthSettings } from '../lib/use-auth-settings.ts';
import { usePasskeysOffered } from '../lib/use-passkey-autofill.ts';
import { PasskeyButton } from './passkey-button.tsx';
import { ProviderButtons } from './provider-buttons.tsx';

/**
 * The ways of signing in besides a password, above the form, with the line that separates them from it.
 *
 * @param props.passkeys false on the page for new accounts, which nobody can have a passkey for
 */
export function OtherWays({ passkeys = false }: { readonly passkeys?: boolean }) {
  const { common } = useMessages();
  const settings = useAuthSettings();
  const offersPasskeys = usePasskeysOffered() && passkeys;
  if (!offersPasskeys && !settings?.oauthProviders.length) return null;
  return (
    <>
      {offersPasskeys && <PasskeyButton />}
      <ProviderButtons />
      <p className="lk-divider">
        <span>{common.or}</span>
      </p>
    </>
  );
}
