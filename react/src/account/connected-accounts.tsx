import { match } from '@latchkey/client';
import { unlinkIdentity } from '@latchkey/client/operations';
import { useMessages } from '../context.ts';
import { useAct } from '../lib/act.ts';
import { useProblems } from '../lib/problem.ts';
import { useAuthSettings } from '../lib/use-auth-settings.ts';
import { useIdentities } from '../lib/use-identities.ts';
import { usePress } from '../lib/use-press.ts';
import { Alert } from '../ui/alert.tsx';
import { Button } from '../ui/button.tsx';
import { useFlash } from '../ui/flash.tsx';
import { ProviderButtons } from '../ui/provider-buttons.tsx';
import { ProviderMark } from '../ui/provider-mark.tsx';
import { Section } from '../ui/section.tsx';
import { Ago } from '../ui/when.tsx';

/** The linked accounts, or nothing if the server has no providers. */
export function ConnectedAccounts() {
  const act = useAct();
  const showMessage = useFlash();
  const { account } = useMessages();
  const { problemOf } = useProblems();
  const settings = useAuthSettings();
  const { identities = [] } = useIdentities();
  const { pressed, problem, press, waiting } = usePress();
  const unlink = async (identityId: string, name: string) =>
    match(await act(unlinkIdentity, { input: { identityId } }), {
      IdentityUnlinked: () => {
        showMessage(account.disconnected(name));
        return null;
      },
      Error: (refusal) => problemOf(refusal),
    });
  if (settings?.oauthProviders.length === 0 && identities.length === 0) return null;
  return (
    <Section title={account.connected} lead={account.connectedLead}>
      <Alert problem={problem} waiting={waiting} />
      {identities.length > 0 && (
        <ul className="lk-list">
          {identities.map(({ id, email, linkedAt, provider }) => (
            <li key={id}>
              <ProviderMark provider={provider} />
              <div>
                <strong>{provider.name}</strong>
                <p className="lk-hint">
                  {email && `${email}, `}
                  {account.connectedSince} <Ago at={linkedAt} />
                </p>
              </div>
              <Button
                busy={pressed === id}
                onClick={() => press(id, () => unlink(id, provider.name))}
              >
                {account.disconnect(provider.name)}
              </Button>
            </li>
          ))}
        </ul>
      )}
      <ProviderButtons link without={identities.map(({ provider }) => provider.id)} />
    </Section>
  );
}
