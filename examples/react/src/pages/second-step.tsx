import { match } from '@latchkey/client';
import { useEffect } from 'react';
import { graphql } from '../generated';
import type { ChallengeFragment } from '../generated/graphql';
import { useAct } from '../lib/act.ts';
import { useEnter, useEntrance } from '../lib/enter.tsx';
import { useKept } from '../lib/kept.ts';
import { problemOf } from '../lib/problem.ts';
import { Link, navigate } from '../lib/router.tsx';
import { useFlash } from '../ui/flash.tsx';
import { Form, type Values } from '../ui/form.tsx';
import { MethodChoice, MethodCode } from '../ui/method-choice.tsx';
import { Page } from '../ui/page.tsx';
import { type CodeSent, SendCode } from '../ui/send-code.tsx';

const VerifyMfa = graphql(`
  mutation VerifyMfa($input: VerifyMfaInput!) {
    verifyMfa(input: $input) {
      __typename
      ...Tokens
      ...Refusal
    }
  }
`);

const SendMfaEmailCode = graphql(`
  mutation SendMfaEmailCode($input: SendMfaEmailCodeInput!) {
    sendMfaEmailCode(input: $input) {
      __typename
      ... on EmailSent { email resendableAt }
      ...Refusal
    }
  }
`);

/** The second step of a sign-in. The first step survives a reload while the challenge is valid. */
export function SecondStep() {
  const { challenge } = useEntrance();
  useEffect(() => {
    if (!challenge) navigate('/sign-in', { replace: true });
  }, [challenge]);
  return challenge && <AskForCode challenge={challenge} />;
}

function AskForCode({ challenge }: { readonly challenge: ChallengeFragment }) {
  const { challengeToken, expiresAt } = challenge;
  const act = useAct();
  const showMessage = useFlash();
  const { SignedIn } = useEnter();
  const { setChallenge } = useEntrance();
  const methods = challenge.methods.filter((method) => method !== 'PASSKEY');
  type Choice = { readonly method: (typeof methods)[number]; readonly until: string };
  // Belongs to this challenge. Another sign-in starts with the first method again.
  const [chosen, setChosen] = useKept<Choice>('second-step-method');
  const setMethod = (method: Choice['method']) =>
    setChosen({ method, until: expiresAt }, expiresAt);
  const [sent, setSent] = useKept<CodeSent & { readonly until: string }>('second-step-code');
  const method = chosen?.until === expiresAt ? chosen.method : (methods[0] ?? 'TOTP');

  const restart = () => {
    setChallenge(null);
    navigate('/sign-in', { replace: true });
    showMessage('This sign-in attempt has expired or had too many wrong codes. Sign in again.');
    return null;
  };
  const verify = async (value: Values) =>
    match(await act(VerifyMfa, { input: { challengeToken, method, code: value('code') } }), {
      SignedIn,
      ChallengeExpiredError: restart,
      // No attempts are left, so no further code can be right.
      InvalidCodeError: (refusal) =>
        refusal.attemptsRemaining === 0 ? restart() : problemOf(refusal),
      Error: (refusal) => problemOf(refusal),
    });
  const mail = async () =>
    match(await act(SendMfaEmailCode, { input: { challengeToken } }), {
      EmailSent: (sent) => {
        setSent({ ...sent, until: expiresAt }, expiresAt);
        return sent;
      },
      ChallengeExpiredError: restart,
      Error: (refusal) => problemOf(refusal),
    });

  if (methods.length === 0) {
    return (
      <Page
        title="Confirm your sign-in"
        lead="Access to the mailbox alone is not enough for this account. Sign in with your password instead."
      >
        <Link to="/sign-in">Sign in with a password</Link>
      </Page>
    );
  }
  return (
    <Page title="Confirm your sign-in" lead="Your account needs a second step to sign in.">
      <MethodChoice methods={methods} chosen={method} onChoose={setMethod} />
      {method === 'EMAIL' && (
        <SendCode sentBefore={sent?.until === expiresAt ? sent : null} onSend={mail} />
      )}
      <Form key={method} submit="Sign in" onSend={verify}>
        <MethodCode method={method} />
      </Form>
      <p className="links">
        <Link to="/sign-in" onFollow={() => setChallenge(null)}>
          Start again
        </Link>
      </p>
    </Page>
  );
}
