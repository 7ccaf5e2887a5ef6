import { useLatchkey } from '../context.ts';
import { useAuthSettings } from '../lib/use-auth-settings.ts';
import { usePasskeysOffered } from '../lib/use-passkey-autofill.ts';
import { Link } from '../navigation.tsx';
import { Icon } from './icons.tsx';
import { PasskeyButton } from './passkey-button.tsx';
import { ProviderButtons } from './provider-buttons.tsx';

/**
 * The ways of signing in besides a password, above the form, with the line that separates them from it.
 *
 * @param props.newAccount true on the page for new accounts: nobody has a passkey for one, and a sign-in by mail is
 *   offered only if it creates one
 */
export function OtherWays({ newAccount = false }: { readonly newAccount?: boolean }) {
  const { messages, paths } = useLatchkey();
  const settings = useAuthSettings();
  const offersPasskeys = usePasskeysOffered() && !newAccount;
  const mode = settings?.emailSignIn ?? 'OFF';
  const offersMail = mode === 'REGISTER' || (mode === 'EXISTING' && !newAccount);
  if (!offersPasskeys && !offersMail && !settings?.oauthProviders.length) return null;
  return (
    <>
      {offersPasskeys && <PasskeyButton />}
      <ProviderButtons />
      {offersMail && (
        <div className="lk-providers">
          <Link to={paths.emailSignIn} className="lk-button">
            <span>
              <Icon name="mail" />
              {messages.emailSignIn.offer}
            </span>
          </Link>
        </div>
      )}
      <p className="lk-divider">
        <span>{messages.common.or}</span>
      </p>
    </>
  );
}
