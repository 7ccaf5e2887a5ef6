import { useMessages } from '../context.ts';
import { useGoToNext } from '../lib/sign-in-state.tsx';
import { usePasskeyAutofill } from '../lib/use-passkey-autofill.ts';
import { usePress } from '../lib/use-press.ts';
import { useSignIn } from '../lib/use-sign-in.ts';
import { Alert } from './alert.tsx';
import { Button } from './button.tsx';
import { Icon } from './icons.tsx';

/**
 * Signs in with a passkey, by this button or among the suggestions of the address field.
 */
export function PasskeyButton() {
  const { signIn } = useMessages();
  const goToNext = useGoToNext();
  const { submitPasskey } = useSignIn({ onNext: goToNext });
  const { pressed, problem, press, waiting } = usePress();
  const ofAutofill = usePasskeyAutofill(goToNext);
  return (
    <div className="lk-providers">
      <Button
        busy={pressed !== null}
        icon={<Icon name="passkey" />}
        onClick={() => press('passkey', submitPasskey)}
      >
        {signIn.withPasskey}
      </Button>
      <Alert problem={problem ?? ofAutofill} waiting={waiting} />
    </div>
  );
}
