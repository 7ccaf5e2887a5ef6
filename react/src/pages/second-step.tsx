import { useLatchkey } from '../context.ts';
import { useGoToNext, useSignInState } from '../lib/sign-in-state.tsx';
import { useSignIn } from '../lib/use-sign-in.ts';
import { Link, useNavigation } from '../navigation.tsx';
import { useFlash } from '../ui/flash.tsx';
import { Form } from '../ui/form.tsx';
import { MethodChoice, MethodCode } from '../ui/method-choice.tsx';
import { Page } from '../ui/page.tsx';
import { SendCode } from '../ui/send-code.tsx';

/** The second step of a sign-in. The first step survives a reload while the challenge is valid. */
export function SecondStep() {
  const { messages, paths } = useLatchkey();
  const { secondStep, problems } = messages;
  const { navigate } = useNavigation();
  const { challenge } = useSignInState();
  const showMessage = useFlash();
  const flow = useSignIn({
    onNext: useGoToNext(),
    onExpired: () => {
      navigate(paths.signIn, { replace: true });
      showMessage(problems.errors['ChallengeExpiredError'] ?? '');
    },
  });
  if (flow.step.name !== 'second-factor') return null;
  const { methods, method, resendableAt } = flow.step;
  if (method === null) {
    const hasPasskey = challenge?.methods.includes('PASSKEY');
    return (
      <Page
        title={secondStep.title}
        lead={hasPasskey ? secondStep.noPasskeys : secondStep.noMethod}
      >
        <Link to={paths.signIn} className="lk-button lk-primary">
          <span>{secondStep.withPassword}</span>
        </Link>
      </Page>
    );
  }
  return (
    <Page title={secondStep.title} lead={secondStep.lead}>
      <MethodChoice methods={methods} chosen={method} onChoose={flow.chooseMethod} />
      {method === 'EMAIL' && (
        <SendCode sentBefore={resendableAt ? { resendableAt } : null} onSend={flow.sendCode} />
      )}
      {method === 'PASSKEY' ? (
        <Form key={method} submit={secondStep.usePasskey} onSend={flow.submitPasskey} />
      ) : (
        <Form
          key={method}
          submit={secondStep.submit}
          onSend={(value) => flow.submitCode(value('code'))}
        >
          <MethodCode method={method} />
        </Form>
      )}
      <p className="lk-links">
        <Link to={paths.signIn} onFollow={flow.restart}>
          {secondStep.restart}
        </Link>
      </p>
    </Page>
  );
}
