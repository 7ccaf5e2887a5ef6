import { match } from '@latchkey/client';
import { graphql } from '../generated';
import { useAct } from '../lib/act.ts';
import { useAuthSettings } from '../lib/auth-settings.ts';
import { problemOf } from '../lib/problem.ts';
import { Link } from '../lib/router.tsx';
import { useIdentities } from '../lib/use-identities.ts';
import { useMe } from '../lib/use-me.ts';
import { ConnectedAccounts } from '../ui/connected-accounts.tsx';
import { Field } from '../ui/field.tsx';
import { useFlash } from '../ui/flash.tsx';
import { Form, type Values } from '../ui/form.tsx';
import { Loading, Page } from '../ui/page.tsx';
import { Failed, Section } from '../ui/section.tsx';

const UpdateProfile = graphql(`
  mutation UpdateProfile($input: UpdateProfileInput!) {
    updateProfile(input: $input) {
      __typename
      ... on ProfileUpdated { viewer { user { id name } } }
      ...Refusal
    }
  }
`);

/** The person's profile and ways of signing in. */
export function AccountPage() {
  const act = useAct();
  const showMessage = useFlash();
  const person = useMe();
  const linked = useIdentities();
  const settings = useAuthSettings();
  const { me } = person;
  // Everything appears at once, because content that appears later would move what is being read.
  const ready = settings !== undefined && linked.identities !== undefined;
  const save = async (value: Values) =>
    match(await act(UpdateProfile, { input: { name: value('name').trim() || null } }), {
      ProfileUpdated: () => {
        showMessage('Your name was saved.');
        return null;
      },
      Error: (refusal) => problemOf(refusal),
    });
  return (
    <Page title="Your account" wide>
      {!(me && ready) &&
        (person.failed || linked.failed ? (
          <Failed
            onRetry={() => {
              person.retry();
              linked.retry();
            }}
          />
        ) : (
          <Loading />
        ))}
      {me && ready && (
        <>
          <Section title="Profile">
            <Form submit="Save name" onSend={save}>
              <Field
                name="name"
                label="Name"
                autoComplete="name"
                defaultValue={me.user.name ?? ''}
                maxLength={200}
              />
            </Form>
          </Section>
          <Section title="Signing in">
            <dl className="rows">
              <div>
                <dt>Email address</dt>
                <dd>{me.user.email}</dd>
                <dd>
                  <Link to="/account/email">Change email address</Link>
                </dd>
              </div>
              <div>
                <dt>Password</dt>
                <dd>
                  <Link to="/account/password">Change password</Link>
                </dd>
              </div>
            </dl>
          </Section>
          <ConnectedAccounts />
          <Section title="Delete account">
            <p>Deleting your account permanently removes all your data.</p>
            <p>
              <Link to="/account/delete" className="button danger-text">
                Delete account
              </Link>
            </p>
          </Section>
        </>
      )}
    </Page>
  );
}
