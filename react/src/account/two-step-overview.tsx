import { match } from '@latchkey/client';
import {
  disableEmailMfa,
  disableTotp,
  type EmailSent,
  enableEmailMfa,
  enableTotp,
  type MfaStatus,
  regenerateBackupCodes,
  type TotpEnrollment,
} from '@latchkey/client/operations';
import { useMessages } from '../context.ts';
import { useAct } from '../lib/act.ts';
import { type Problem, useProblems } from '../lib/problem.ts';
import { useAuthSettings } from '../lib/use-auth-settings.ts';
import { usePress } from '../lib/use-press.ts';
import { Alert } from '../ui/alert.tsx';
import { Button } from '../ui/button.tsx';
import { useFlash } from '../ui/flash.tsx';
import { Badge, Section } from '../ui/section.tsx';
import { PasskeySecondFactor } from './passkey-second-factor.tsx';

/** A started setup. */
export type Setup =
  | ({ readonly __typename: 'TotpEnrollment' } & TotpEnrollment)
  | ({ readonly __typename: 'EmailSent' } & EmailSent);

/** Fewer codes than this are soon used up. */
const FEW_CODES = 3;

/** The methods of two-step verification, each with a button to turn it on or off. */
export function TwoStepOverview({
  mfa,
  onSetup,
  onCodes,
}: {
  readonly mfa: MfaStatus;
  readonly onSetup: (setup: Setup) => void;
  readonly onCodes: (codes: readonly string[]) => void;
}) {
  const act = useAct();
  const showMessage = useFlash();
  const { twoStep, account } = useMessages();
  const { problemOf } = useProblems();
  const settings = useAuthSettings();
  const { pressed, problem, press, waiting } = usePress();
  const offers = settings?.mfaMethods ?? [];

  const begin = (setup: Setup) => {
    onSetup(setup);
    return null;
  };
  const off = (words: string) => () => {
    showMessage(words);
    return null;
  };
  const setUpApp = async () =>
    match(await act(enableTotp), { TotpEnrollment: begin, Error: (e) => problemOf(e) });
  const setUpEmail = async () =>
    match(await act(enableEmailMfa), { EmailSent: begin, Error: (e) => problemOf(e) });
  const turnOffApp = async () =>
    match(await act(disableTotp), {
      MfaDisabled: off(twoStep.appOff),
      Error: (refusal) => problemOf(refusal),
    });
  const turnOffEmail = async () =>
    match(await act(disableEmailMfa), {
      MfaDisabled: off(twoStep.emailOff),
      Error: (refusal) => problemOf(refusal),
    });
  const newCodes = async () =>
    match(await act(regenerateBackupCodes), {
      BackupCodesGenerated: ({ backupCodes }) => {
        onCodes(backupCodes);
        return null;
      },
      Error: (refusal) => problemOf(refusal),
    });
  const button = (
    name: string,
    words: string,
    run: () => Promise<Problem | null>,
    isMain = false,
  ) => (
    <Button
      kind={isMain ? 'primary' : 'plain'}
      busy={pressed === name}
      onClick={() => press(name, run)}
    >
      {words}
    </Button>
  );
  const state = (isOn: boolean) => <Badge on={isOn}>{isOn ? account.on : account.off}</Badge>;

  return (
    <>
      {mfa.enrollmentRequired && <p className="lk-notice">{twoStep.required}</p>}
      <Alert problem={problem} waiting={waiting} />
      {offers.includes('TOTP') && (
        <Section
          title={twoStep.app}
          badge={state(mfa.totp)}
          lead={twoStep.appLead}
          action={
            mfa.totp
              ? button('totp', twoStep.turnOffApp, turnOffApp)
              : button('totp', twoStep.setUpApp, setUpApp, true)
          }
        />
      )}
      {settings?.passkeys && <PasskeySecondFactor isOn={mfa.passkey} onCodes={onCodes} />}
      {offers.includes('EMAIL') && (
        <Section
          title={twoStep.email}
          badge={state(mfa.email)}
          lead={twoStep.emailLead}
          action={
            mfa.email
              ? button('email', twoStep.turnOffEmail, turnOffEmail)
              : button('email', twoStep.turnOnEmail, setUpEmail)
          }
        />
      )}
      {mfa.enabled && (
        <Section
          title={twoStep.backup}
          badge={
            <Badge on={mfa.backupCodesRemaining >= FEW_CODES}>
              {twoStep.backupLeft(mfa.backupCodesRemaining)}
            </Badge>
          }
          lead={twoStep.backupLead}
          action={button('codes', twoStep.newBackup, newCodes)}
        />
      )}
    </>
  );
}
