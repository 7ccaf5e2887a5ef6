import { match } from '@latchkey/client';
import { acceptInvitation, type MailedToken } from '@latchkey/client/operations';
import { type ReactNode, useState } from 'react';
import { useLatchkey } from '../context.ts';
import { Anybody } from '../guard.tsx';
import { useAct } from '../lib/act.ts';
import { useProblems } from '../lib/problem.ts';
import { usePageOutcomes } from '../lib/sign-in-state.tsx';
import { usePasswordLength } from '../lib/use-auth-settings.ts';
import { useLinkToken } from '../lib/use-link-token.ts';
import { useMailedToken } from '../lib/use-mailed-token.ts';
import { Link } from '../navigation.tsx';
import { Field, PasswordField, Username } from '../ui/field.tsx';
import { Form, type Values } from '../ui/form.tsx';
import { Loading, Page } from '../ui/page.tsx';
import { ProofUsedPage } from '../ui/proof-used.tsx';
import { Failed } from '../ui/section.tsx';

/**
 * Opens the account of an invited person with the password that they choose. Opening the link alone does nothing, because
 * mail programs open links, too.
 */
export function AcceptInvitation() {
  return (
    <Anybody>
      <AcceptInvitationPage />
    </Anybody>
  );
}

function AcceptInvitationPage() {
  const { messages, paths } = useLatchkey();
  const { acceptInvitation: words } = messages;
  const token = useLinkToken();
  const { mailed, isFetching, hasFailed, retry } = useMailedToken(token, 'INVITATION');
  const [isUsed, setUsed] = useState(false);
  if (isUsed) return <ProofUsedPage />;
  let body: ReactNode = (
    <>
      <p>{words.linkInvalid}</p>
      <Link to={paths.signIn} className="lk-button lk-primary">
        <span>{words.toSignIn}</span>
      </Link>
    </>
  );
  if (isFetching && !mailed) body = <Loading />;
  else if (hasFailed) body = <Failed onRetry={retry} />;
  else if (mailed && token !== null) {
    body = <ChoosePassword mailed={mailed} token={token} onUsed={() => setUsed(true)} />;
  }
  return (
    <Page title={words.title} {...(mailed && { lead: words.lead(mailed.email) })}>
      {body}
    </Page>
  );
}

function ChoosePassword({
  mailed: { email },
  token,
  onUsed,
}: {
  readonly mailed: MailedToken;
  readonly token: string;
  readonly onUsed: () => void;
}) {
  const act = useAct();
  const { messages, registrations } = useLatchkey();
  const { acceptInvitation: words, fields } = messages;
  const { SignedIn, MfaRequired } = usePageOutcomes();
  const { problemOf } = useProblems();
  const length = usePasswordLength();

  const accept = async (value: Values) => {
    const input = { token, password: value('password'), name: value('name') };
    // The token is sent once in all tabs. Whatever this browser registered with the address ends with the account.
    const outcome = await registrations.prove(
      { token },
      () => act(acceptInvitation, { input }),
      email,
    );
    return match(outcome, {
      SignedIn,
      MfaRequired,
      PasswordNeeded: () => ({ summary: words.passwordMissing, fields: {} }),
      ProofUsed: () => {
        onUsed();
        return null;
      },
      Error: (refusal) => problemOf(refusal),
    });
  };
  return (
    <Form submit={words.submit} onSend={accept}>
      <Username email={email} />
      <Field name="name" label={fields.nameOptional} autoComplete="name" maxLength={200} />
      <PasswordField fresh hint={fields.passwordHint(length)} />
    </Form>
  );
}
