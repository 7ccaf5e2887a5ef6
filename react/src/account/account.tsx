import { match } from '@latchkey/client';
import { updateProfile, type Viewer } from '@latchkey/client/operations';
import { useLatchkey } from '../context.ts';
import { useAct } from '../lib/act.ts';
import { useProblems } from '../lib/problem.ts';
import { useAuthSettings } from '../lib/use-auth-settings.ts';
import { useIdentities } from '../lib/use-identities.ts';
import { usePasskeyList } from '../lib/use-passkey-list.ts';
import { useViewer } from '../lib/use-viewer.ts';
import { Link } from '../navigation.tsx';
import { Field } from '../ui/field.tsx';
import { Form, type Values } from '../ui/form.tsx';
import { Loading } from '../ui/page.tsx';
import { Badge, Failed, Section } from '../ui/section.tsx';
import { AccountPage } from './account-page.tsx';
import { ConnectedAccounts } from './connected-accounts.tsx';

/** The person's profile and ways of signing in. */
export function Account() {
  const { account } = useLatchkey().messages;
  const person = useViewer();
  const linked = useIdentities();
  const keys = usePasskeyList();
  const settings = useAuthSettings();
  const { viewer } = person;
  const retry = () => {
    person.retry();
    linked.retry();
    keys.retry();
  };
  // Everything appears at once, because content that appears later would move what is being read.
  const isReady =
    settings !== undefined && linked.identities !== undefined && keys.passkeys !== undefined;
  const hasFailed = person.hasFailed || linked.hasFailed || keys.hasFailed;
  return (
    <AccountPage title={account.title} lead={account.lead}>
      {viewer && isReady && <Cards viewer={viewer} />}
      {!(viewer && isReady) && (hasFailed ? <Failed onRetry={retry} /> : <Loading lines={6} />)}
    </AccountPage>
  );
}

function Cards({ viewer: { user, mfa } }: { readonly viewer: Viewer }) {
  const { messages, paths } = useLatchkey();
  const { account } = messages;
  return (
    <>
      <Profile user={user} />
      <Section
        title={account.email}
        badge={
          <Badge on={user.emailVerified}>
            {user.emailVerified ? account.verified : account.unverified}
          </Badge>
        }
        lead={<bdi>{user.email}</bdi>}
        action={
          <Link to={`${paths.account}/email`} className="lk-button">
            <span>{account.changeEmail}</span>
          </Link>
        }
      />
      <Section
        title={account.password}
        badge={
          <Badge on={user.hasPassword}>{user.hasPassword ? account.isSet : account.notSet}</Badge>
        }
        lead={user.hasPassword ? account.hasPassword : account.noPassword}
        action={
          <Link to={`${paths.account}/password`} className="lk-button">
            <span>{user.hasPassword ? account.changePassword : account.setPassword}</span>
          </Link>
        }
      />
      <PasskeysCard />
      <Section
        title={account.twoStep}
        badge={<Badge on={mfa.enabled}>{mfa.enabled ? account.on : account.off}</Badge>}
        lead={account.twoStepLead}
        action={
          <Link to={`${paths.account}/two-step`} className="lk-button">
            <span>{account.manageTwoStep}</span>
          </Link>
        }
      />
      <ConnectedAccounts />
      <Roles names={user.roles} />
      <Section
        title={account.delete}
        lead={account.deleteLead}
        action={
          <Link to={`${paths.account}/delete`} className="lk-button lk-danger-text">
            <span>{account.delete}</span>
          </Link>
        }
      />
    </>
  );
}

/** Nothing if the server does not offer passkeys and the person has none. */
function PasskeysCard() {
  const { messages, paths } = useLatchkey();
  const { passkeys: words } = messages;
  const settings = useAuthSettings();
  const count = usePasskeyList().passkeys?.length ?? 0;
  if (!settings?.passkeys && count === 0) return null;
  return (
    <Section
      title={words.title}
      badge={<Badge on={count > 0}>{words.count(count)}</Badge>}
      lead={words.lead}
      action={
        <Link to={`${paths.account}/passkeys`} className="lk-button">
          <span>{words.manage}</span>
        </Link>
      }
    />
  );
}

function Profile({ user }: { readonly user: Viewer['user'] }) {
  const act = useAct();
  const { account, fields } = useLatchkey().messages;
  const { problemOf } = useProblems();
  const save = async (value: Values) => {
    const textOf = (field: string) => value(field).trim() || null;
    const input = {
      name: textOf('name'),
      picture: textOf('picture'),
      locale: textOf('locale'),
    };
    return match(await act(updateProfile, { input }), {
      ProfileUpdated: () => ({ done: account.profileSaved }),
      Error: (refusal) => problemOf(refusal),
    });
  };
  return (
    <Section title={account.profile} lead={account.profileLead}>
      <Form submit={account.saveProfile} onSend={save}>
        <Field
          name="name"
          label={fields.name}
          autoComplete="name"
          defaultValue={user.name ?? ''}
          maxLength={200}
        />
        <Field
          name="picture"
          label={fields.picture}
          hint={account.pictureHint}
          type="url"
          autoComplete="photo"
          defaultValue={user.picture ?? ''}
          maxLength={2048}
        />
        <Field
          name="locale"
          label={fields.language}
          hint={account.languageHint}
          autoComplete="language"
          autoCapitalize="none"
          spellCheck={false}
          defaultValue={user.locale ?? ''}
          maxLength={64}
        />
      </Form>
    </Section>
  );
}

/** Nothing for a person without roles: most services have none. */
function Roles({ names }: { readonly names: readonly string[] }) {
  const { account } = useLatchkey().messages;
  if (names.length === 0) return null;
  return <Section title={account.roles} lead={<bdi>{names.join(', ')}</bdi>} />;
}
