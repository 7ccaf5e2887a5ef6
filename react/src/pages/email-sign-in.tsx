import { match } from '@latchkey/client';
import {
  completeEmailSignIn,
  type MailedToken,
  requestEmailSignIn,
} from '@latchkey/client/operations';
import { type ReactNode, useState } from 'react';
import { useLatchkey } from '../context.ts';
import { Anybody, GuestsOnly } from '../guard.tsx';
import { useAct } from '../lib/act.ts';
import { deviceOf } from '../lib/device.ts';
import { useKept } from '../lib/kept.ts';
import { useProblems } from '../lib/problem.ts';
import { usePageOutcomes, useSignInState } from '../lib/sign-in-state.tsx';
import { useLinkToken } from '../lib/use-link-token.ts';
import { useMailedToken } from '../lib/use-mailed-token.ts';
import { Link } from '../navigation.tsx';
import { CodeField, EmailField, Username } from '../ui/field.tsx';
import { Form, type Values } from '../ui/form.tsx';
import { Loading, Page } from '../ui/page.tsx';
import { ProofUsedPage } from '../ui/proof-used.tsx';
import { Failed } from '../ui/section.tsx';
import { SendCode } from '../ui/send-code.tsx';
import { When } from '../ui/when.tsx';

/** A mail that was requested in this tab. */
type Requested = { readonly email: string; readonly resendableAt: string };

/**
 * Signs in by mail: requests the mail, takes its code, and is the page of its link. Opening the link alone does
 * nothing, because mail programs open links, too.
 */
export function EmailSignIn() {
  return (
    <Anybody>
      <EmailSignInSteps />
    </Anybody>
  );
}

function EmailSignInSteps() {
  const token = useLinkToken();
  const [isLinkDismissed, setLinkDismissed] = useState(false);
  if (token !== null && !isLinkDismissed) {
    return <ByLink token={token} onAgain={() => setLinkDismissed(true)} />;
  }
  return (
    <GuestsOnly>
      <ByCode />
    </GuestsOnly>
  );
}

/** The request, and then the code. Both survive a reload while the mail is valid. */
function ByCode() {
  const act = useAct();
  const { session, messages, paths, emailSignIns } = useLatchkey();
  const { emailSignIn: words, common, fields } = messages;
  const { problemOf } = useProblems();
  const { address, setAddress } = useSignInState();
  const [requested, keepRequested] = useKept<Requested>('email-sign-in');
  const complete = useComplete();

  const request = async (email: string) => {
    // With it, this device has a limit that strangers cannot use up. Null in cookie mode.
    const input = { email, deviceToken: session.deviceToken() };
    const outcome = await emailSignIns.ask(email, () => act(requestEmailSignIn, { input }));
    return match(outcome, {
      EmailSignInStarted: ({ email: mailed, resendableAt, expiresAt }) => {
        setAddress(mailed);
        keepRequested({ email: mailed, resendableAt }, expiresAt);
        return { resendableAt };
      },
      Error: (refusal) => problemOf(refusal),
    });
  };
  if (complete.isUsed) return <ProofUsedPage />;
  if (requested === null) {
    const submit = async (value: Values) => {
      const answer = await request(value('email'));
      return 'summary' in answer ? answer : null;
    };
    return (
      <Page title={words.title} lead={words.lead}>
        <Form submit={words.submit} onSend={submit}>
          <EmailField defaultValue={address} onChange={(event) => setAddress(event.target.value)} />
        </Form>
        <p className="lk-links">
          <Link to={paths.signIn}>{common.backToSignIn}</Link>
        </p>
      </Page>
    );
  }
  const { email, resendableAt } = requested;
  return (
    <Page title={words.sentTitle} lead={words.sentLead(email)}>
      <Form submit={words.enter} onSend={(value) => complete.byCode(email, value('code'))}>
        <Username email={email} />
        <CodeField hint={fields.latestMailCodeHint} digits={8} />
      </Form>
      <SendCode sentBefore={{ resendableAt }} onSend={() => request(email)} />
      <p className="lk-links">
        <Link to={paths.emailSignIn} onFollow={() => keepRequested(null)}>
          {words.otherAddress}
        </Link>
      </p>
    </Page>
  );
}

/**
 * The page of the link. Somebody else may have requested the link for an account of their own and sent it on. So the
 * page names the account and the origin of the request before the click (EL-9).
 */
function ByLink({ token, onAgain }: { readonly token: string; readonly onAgain: () => void }) {
  const { messages, paths } = useLatchkey();
  const { emailSignIn: words } = messages;
  const { mailed, isFetching, hasFailed, retry } = useMailedToken(token, 'EMAIL_SIGN_IN');
  const complete = useComplete();
  if (complete.isUsed) return <ProofUsedPage />;
  let body: ReactNode = (
    <>
      <p>{words.linkInvalid}</p>
      <Link to={paths.emailSignIn} className="lk-button lk-primary" onFollow={onAgain}>
        <span>{words.again}</span>
      </Link>
    </>
  );
  if (isFetching && !mailed) body = <Loading />;
  else if (hasFailed) body = <Failed onRetry={retry} />;
  else if (mailed) {
    body = (
      <>
        <Origin mailed={mailed} />
        <Form submit={words.enter} onSend={() => complete.byLink(mailed.email, token)} />
        <p className="lk-hint">{words.linkEnd}</p>
      </>
    );
  }
  return (
    <Page title={words.linkTitle} {...(mailed && { lead: words.linkLead })}>
      {body}
    </Page>
  );
}

/** The account, and who requested the mail. */
function Origin({ mailed }: { readonly mailed: MailedToken }) {
  const { emailSignIn: words, devices } = useLatchkey().messages;
  const { email, requestedAt, ipAddress, userAgent } = mailed;
  const facts: readonly (readonly [string, ReactNode])[] = [
    [words.account, <bdi key="account">{email}</bdi>],
    [words.requestedBy, userAgent ? deviceOf(userAgent, devices) : words.unknown],
    [words.ipAddress, ipAddress ?? words.unknown],
    [words.requestedAt, <When key="at" at={requestedAt} />],
  ];
  return (
    <dl className="lk-facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Stands for a secret that this browser does not have (any more). The server answers it like any foreign one. */
const NO_TOKEN = 'none';

/** Sends the proof. `isUsed` is true if this browser had sent it before, and it worked. */
function useComplete() {
  const act = useAct();
  const { emailSignIns } = useLatchkey();
  const { SignedIn, MfaRequired } = usePageOutcomes();
  const { problemOf } = useProblems();
  const [isUsed, setUsed] = useState(false);
  const finish = (outcome: Awaited<ReturnType<typeof sendLink>>) =>
    match(outcome, {
      SignedIn,
      MfaRequired,
      ProofUsed: () => {
        setUsed(true);
        return null;
      },
      Error: (refusal) => problemOf(refusal),
    });
  const sendLink = (email: string, token: string) =>
    emailSignIns.prove(
      { token },
      () => act(completeEmailSignIn, { input: { proof: { token } } }),
      email,
    );
  const sendCode = (email: string, code: string) =>
    emailSignIns.prove({ code: { email, code } }, (token) => {
      const proof = { code: { code, emailSignInToken: token ?? NO_TOKEN } };
      return act(completeEmailSignIn, { input: { proof } });
    });
  return {
    isUsed,
    byLink: async (email: string, token: string) => finish(await sendLink(email, token)),
    byCode: async (email: string, code: string) => finish(await sendCode(email, code)),
  };
}
