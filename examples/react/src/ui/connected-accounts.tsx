import { match } from '@latchkey/client';
import { graphql } from '../generated';
import { useAct } from '../lib/act.ts';
import { useAuthSettings } from '../lib/auth-settings.ts';
import { problemOf } from '../lib/problem.ts';
import { useIdentities } from '../lib/use-identities.ts';
import { usePress } from '../lib/use-press.ts';
import { Alert } from './alert.tsx';
import { Button } from './button.tsx';
import { useFlash } from './flash.tsx';
import { Loading } from './page.tsx';
import { ProviderButtons } from './provider-buttons.tsx';
import { Failed, Section } from './section.tsx';
import { When } from './when.tsx';

const UnlinkIdentity = graphql(`
  mutation UnlinkIdentity($input: UnlinkIdentityInput!) {
    unlinkIdentity(input: $input) {
      __typename
      ... on IdentityUnlinked { viewer { user { id } identities { id } } }
      ...Refusal
    }
  }
`);

/** The linked accounts, or nothing if the server has no providers. */
export function ConnectedAccounts() {
  const act = useAct();
  const showMessage = useFlash();
  const settings = useAuthSettings();
  const { identities, failed, retry } = useIdentities();
  const { pressed, problem, press, waiting } = usePress();
  const unlink = async (identityId: string, name: string) =>
    match(await act(UnlinkIdentity, { input: { identityId } }), {
      IdentityUnlinked: () => {
        showMessage(`${name} was disconnected.`);
        return null;
      },
      Error: (refusal) => problemOf(refusal),
    });
  if (settings?.oauthProviders.length === 0 && !identities?.length) return null;
  return (
    <Section title="Connected accounts">
      <p>Accounts that you can use to sign in here.</p>
      {!identities && (failed ? <Failed onRetry={retry} /> : <Loading />)}
      <Alert problem={problem} waiting={waiting} />
      {identities && identities.length > 0 && (
        <ul className="list">
          {identities.map(({ id, email, linkedAt, provider }) => (
            <li key={id}>
              <div>
                <strong>{provider.name}</strong>
                <p className="hint">
                  {email && `${email}, `}connected <When at={linkedAt} />
                </p>
              </div>
              <Button
                busy={pressed === id}
                onClick={() => press(id, () => unlink(id, provider.name))}
              >
                {`Disconnect ${provider.name}`}
              </Button>
            </li>
          ))}
        </ul>
      )}
      {identities && (
        <ProviderButtons link without={identities.map(({ provider }) => provider.id)} />
      )}
    </Section>
  );
}
