import { match } from '@latchkey/client';
import { disablePasskeyMfa, enablePasskeyMfa } from '@latchkey/client/operations';
import { useLatchkey } from '../context.ts';
import { useAct } from '../lib/act.ts';
import { useProblems } from '../lib/problem.ts';
import { useMfaEnabled } from '../lib/use-mfa-enabled.ts';
import { usePasskeyList } from '../lib/use-passkey-list.ts';
import { usePress } from '../lib/use-press.ts';
import { Link } from '../navigation.tsx';
import { Alert } from '../ui/alert.tsx';
import { Button } from '../ui/button.tsx';
import { useFlash } from '../ui/flash.tsx';
import { Badge, Section } from '../ui/section.tsx';

/** Whether passkeys are asked for after the password. The choice holds for all passkeys of the person together. */
export function PasskeySecondFactor({
  isOn,
  onCodes,
}: {
  readonly isOn: boolean;
  /** Called with the backup codes that come with the first second factor. */
  readonly onCodes: (codes: readonly string[]) => void;
}) {
  const act = useAct();
  const showMessage = useFlash();
  const { messages, paths } = useLatchkey();
  const { account, passkeys: words } = messages;
  const { problemOf } = useProblems();
  const { passkeys = [] } = usePasskeyList();
  const { pressed, problem, press, waiting } = usePress();
  const enabled = useMfaEnabled((codes) => codes && onCodes(codes));
  const turnOn = async () =>
    match(await act(enablePasskeyMfa), {
      MfaEnabled: enabled,
      Error: (refusal) => problemOf(refusal),
    });
  const turnOff = async () =>
    match(await act(disablePasskeyMfa), {
      MfaDisabled: () => {
        showMessage(words.secondFactorOff);
        return null;
      },
      Error: (refusal) => problemOf(refusal),
    });
  const change = (
    <Button busy={pressed !== null} onClick={() => press('change', isOn ? turnOff : turnOn)}>
      {isOn ? words.turnOffSecondFactor : words.turnOnSecondFactor}
    </Button>
  );
  const add = (
    <Link to={`${paths.account}/passkeys`} className="lk-button">
      <span>{words.add}</span>
    </Link>
  );
  return (
    <Section
      title={words.secondFactor}
      badge={<Badge on={isOn}>{isOn ? account.on : account.off}</Badge>}
      lead={words.secondFactorLead}
      action={isOn || passkeys.length > 0 ? change : add}
    >
      <Alert problem={problem} waiting={waiting} />
    </Section>
  );
}
