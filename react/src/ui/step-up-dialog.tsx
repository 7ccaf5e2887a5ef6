import { match } from '@latchkey/client';
import {
  type MfaMethod,
  reauthenticate,
  type SignedIn,
  sendReauthenticationCode,
} from '@latchkey/client/operations';
import { useEffect, useId, useRef, useState } from 'react';
import { useLatchkey, useSession } from '../context.ts';
import { usePasskeys } from '../lib/passkeys.tsx';
import { useProblems } from '../lib/problem.ts';
import { Button } from './button.tsx';
import { PasswordField, Username } from './field.tsx';
import { Form, type Values } from './form.tsx';
import { MethodChoice, MethodCode } from './method-choice.tsx';
import { Root } from './root.tsx';
import { SendCode } from './send-code.tsx';
import { SignInAgain } from './sign-in-again.tsx';
import { type StepUpRequest, useStepUpRequest } from './step-up.tsx';

/**
 * Asks the person to reauthenticate with one of the methods that the server accepts, whenever a mutation needs it.
 * The provider shows it by itself.
 */
export function StepUpDialog() {
  const request = useStepUpRequest();
  if (!request) return null;
  return (
    <Root>
      <Dialog request={request} />
    </Root>
  );
}

function Dialog({ request: { methods, finish } }: { readonly request: StepUpRequest }) {
  const id = useId();
  const { session, messages } = useLatchkey();
  const { problemOf } = useProblems();
  const { status } = useSession();
  const dialog = useRef<HTMLDialogElement>(null);
  const passkeys = usePasskeys();
  const offered = methods.filter((method) => method !== 'PASSKEY' || passkeys.isSupported());
  const [method, setMethod] = useState(offered[0] ?? 'PASSWORD');

  useEffect(() => {
    if (dialog.current?.open === false) dialog.current.showModal();
  }, []);
  // A session that has ended in the meantime cannot reauthenticate.
  useEffect(() => {
    if (status === 'signed-out') dialog.current?.close();
  }, [status]);

  useEffect(() => {
    if (method !== 'PASSKEY') return;
    // The browser's dialog opens within the click. The click also reports what is wrong.
    passkeys.prepareReauthentication().catch(() => undefined);
  }, [passkeys, method]);

  const proven = (tokens: SignedIn): null => {
    session.signIn(tokens);
    dialog.current?.close('proven');
    return null;
  };
  const confirmWithPasskey = async () =>
    match(await passkeys.reauthenticate(), {
      SignedIn: proven,
      PasskeyCanceled: () => null,
      Error: (refusal) => problemOf(refusal),
    });
  const confirm = async (value: Values) => {
    const { wrongPassword } = messages.problems;
    const codeMethod: MfaMethod = method === 'BACKUP_CODE' || method === 'EMAIL' ? method : 'TOTP';
    const input =
      method === 'PASSWORD'
        ? { password: value('password') }
        : { code: { method: codeMethod, code: value('code') } };
    return match(await session.execute(reauthenticate, { input }), {
      SignedIn: proven,
      InvalidCredentialsError: () => ({
        summary: wrongPassword,
        fields: { password: wrongPassword },
      }),
      Error: (refusal) => problemOf(refusal),
    });
  };
  const mail = async () =>
    match(await session.execute(sendReauthenticationCode), {
      EmailSent: (sent) => sent,
      Error: (refusal) => problemOf(refusal),
    });

  const cancel = <Button onClick={() => dialog.current?.close()}>{messages.common.cancel}</Button>;
  return (
    <dialog
      ref={dialog}
      className="lk-dialog"
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-lead`}
      onClose={() => finish(dialog.current?.returnValue === 'proven')}
    >
      <div className="lk-heading">
        <h2 id={`${id}-title`}>{messages.stepUp.title}</h2>
        <p id={`${id}-lead`} className="lk-lead">
          {messages.stepUp.lead}
        </p>
      </div>
      <MethodChoice methods={offered} chosen={method} onChoose={setMethod} />
      {method === 'OAUTH' && <SignInAgain aside={cancel} />}
      {method === 'PASSKEY' && (
        <Form
          key={method}
          submit={messages.secondStep.usePasskey}
          onSend={confirmWithPasskey}
          aside={cancel}
        />
      )}
      {method !== 'OAUTH' && method !== 'PASSKEY' && (
        <>
          {method === 'EMAIL' && <SendCode onSend={mail} />}
          <Form key={method} submit={messages.stepUp.submit} onSend={confirm} aside={cancel}>
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
