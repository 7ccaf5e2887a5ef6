import { match } from '@latchkey/client';
import { useEffect, useRef, useState } from 'react';
import { useClient } from 'urql';
import { graphql } from '../generated';
import type { ReauthenticationMethod } from '../generated/graphql';
import { problemOf } from '../lib/problem.ts';
import { send } from '../lib/send.ts';
import { useSession, useSessionState } from '../lib/session.tsx';
import { Button } from './button.tsx';
import { PasswordField, Username } from './field.tsx';
import { Form, type Values } from './form.tsx';
import { MethodChoice, MethodCode } from './method-choice.tsx';
import { SendCode } from './send-code.tsx';
import { SignInAgain } from './sign-in-again.tsx';

const Reauthenticate = graphql(`
  mutation Reauthenticate($input: ReauthenticateInput!) {
    reauthenticate(input: $input) {
      __typename
      ...Tokens
      ...Refusal
    }
  }
`);

const SendReauthenticationCode = graphql(`
  mutation SendReauthenticationCode {
    sendReauthenticationCode {
      __typename
      ... on EmailSent { email resendableAt }
      ...Refusal
    }
  }
`);

/** Asks the person to reauthenticate with one of the methods that the server accepts. */
export function StepUpDialog({
  methods,
  onClose,
}: {
  readonly methods: readonly ReauthenticationMethod[];
  readonly onClose: (proved: boolean) => void;
}) {
  const client = useClient();
  const session = useSession();
  const { status } = useSessionState();
  const dialog = useRef<HTMLDialogElement>(null);
  const offered = methods.filter((method) => method !== 'PASSKEY');
  const [method, setMethod] = useState(offered[0] ?? 'PASSWORD');

  useEffect(() => {
    if (dialog.current?.open === false) dialog.current.showModal();
  }, []);
  // A session that has ended in the meantime cannot reauthenticate.
  useEffect(() => {
    if (status === 'signed-out') dialog.current?.close();
  }, [status]);

  const confirm = async (value: Values) => {
    const input =
      method === 'PASSWORD'
        ? { password: value('password') }
        : { code: { method: method === 'OAUTH' ? 'TOTP' : method, code: value('code') } };
    return match(await send(client, Reauthenticate, { input }), {
      SignedIn: (tokens) => {
        session.signIn(tokens);
        dialog.current?.close('proved');
        return null;
      },
      InvalidCredentialsError: () => ({
        summary: 'This password is incorrect.',
        fields: { password: 'This password is incorrect.' },
      }),
      Error: (refusal) => problemOf(refusal),
    });
  };
  const mail = async () =>
    match(await send(client, SendReauthenticationCode, {}), {
      EmailSent: (sent) => sent,
      Error: (refusal) => problemOf(refusal),
    });

  const cancel = <Button onClick={() => dialog.current?.close()}>Cancel</Button>;
  return (
    <dialog
      ref={dialog}
      aria-labelledby="step-up-title"
      aria-describedby="step-up-lead"
      onClose={() => onClose(dialog.current?.returnValue === 'proved')}
    >
      <h2 id="step-up-title">Confirm your identity</h2>
      <p id="step-up-lead" className="lead">
        This changes who can access your account, so we need to check that it is you.
      </p>
      <MethodChoice methods={offered} chosen={method} onChoose={setMethod} />
      {method === 'OAUTH' ? (
        <SignInAgain aside={cancel} />
      ) : (
        <>
          {method === 'EMAIL' && <SendCode onSend={mail} />}
          <Form key={method} submit="Confirm" onSend={confirm} aside={cancel}>
            {method === 'PASSWORD' ? (
              <>
                <Username />
                <PasswordField />
              </>
            ) : (
              <MethodCode method={method} />
            )}
          </Form>
        </>
      )}
    </dialog>
  );
}
