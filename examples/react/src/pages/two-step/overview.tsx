import { match } from '@latchkey/client';
import { useAct } from '../../lib/act.ts';
import { useAuthSettings } from '../../lib/auth-settings.ts';
import { problemOf } from '../../lib/problem.ts';
import type { Me } from '../../lib/use-me.ts';
import { usePress } from '../../lib/use-press.ts';
import { Alert } from '../../ui/alert.tsx';
import { Button } from '../../ui/button.tsx';
import { useFlash } from '../../ui/flash.tsx';
import { Badge, Section } from '../../ui/section.tsx';
import {
  DisableEmailMfa,
  DisableTotp,
  EnableEmailMfa,
  EnableTotp,
  RegenerateBackupCodes,
} from './operations.ts';

/** A started setup. */
export type Setup =
  | {
      readonly __typename: 'TotpEnrollment';
      readonly secret: string;
      readonly otpauthUri: string;
      readonly qrCode: string;
      readonly expiresAt: string;
    }
  | {
      readonly __typename: 'EmailSent';
      readonly email: string;
      readonly expiresAt: string;
      readonly resendableAt: string;
    };

/** The methods of two-step verification, each with a button to turn it on or off. */
export function TwoStepOverview({
  mfa,
  onSetup,
  onCodes,
}: {
  readonly mfa: Me['mfa'];
  readonly onSetup: (setup: Setup) => void;
  readonly onCodes: (codes: readonly string[]) => void;
}) {
  const act = useAct();
  const showMessage = useFlash();
  const settings = useAuthSettings();
  const { pressed, problem, press, waiting } = usePress();
  const offers = settings?.mfaMethods ?? [];

  const begin = (setup: Setup) => {
    onSetup(setup);
    return null;
  };
  const off = (what: string) => () => {
    showMessage(`${what} was turned off. All other sessions were signed out.`);
    return null;
  };
  const enableTotp = async () =>
    match(await act(EnableTotp, {}), { TotpEnrollment: begin, Error: (e) => problemOf(e) });
  const enableEmail = async () =>
    match(await act(EnableEmailMfa, {}), { EmailSent: begin, Error: (e) => problemOf(e) });
  const disableTotp = async () =>
    match(await act(DisableTotp, {}), {
      MfaDisabled: off('The authenticator app'),
      Error: (refusal) => problemOf(refusal),
    });
  const disableEmail = async () =>
    match(await act(DisableEmailMfa, {}), {
      MfaDisabled: off('The code by email'),
      Error: (refusal) => problemOf(refusal),
    });
  const newCodes = async () =>
    match(await act(RegenerateBackupCodes, {}), {
      BackupCodesGenerated: ({ backupCodes }) => {
        onCodes(backupCodes);
        return null;
      },
      Error: (refusal) => problemOf(refusal),
    });

  return (
    <>
      {mfa.enrollmentRequired && (
        <p className="notice">This site requires two-step verification. Set it up to continue.</p>
      )}
      <Alert problem={problem} waiting={waiting} />
      {offers.includes('TOTP') && (
        <Section
          title="Authenticator app"
          badge={<Badge on={mfa.totp}>{mfa.totp ? 'On' : 'Off'}</Badge>}
        >
          <p>An app on your phone shows a new code every 30 seconds, even without a network.</p>
          <div className="actions">
            {mfa.totp ? (
              <Button busy={pressed === 'totp'} onClick={() => press('totp', disableTotp)}>
                Turn off authenticator app
              </Button>
            ) : (
              <Button
                kind="primary"
                busy={pressed === 'totp'}
                onClick={() => press('totp', enableTotp)}
              >
                Set up authenticator app
              </Button>
            )}
          </div>
        </Section>
      )}
      {offers.includes('EMAIL') && (
        <Section
          title="Codes by email"
          badge={<Badge on={mfa.email}>{mfa.email ? 'On' : 'Off'}</Badge>}
        >
          <p>We mail you a code each time. This is weaker than an app but better than nothing.</p>
          <div className="actions">
            {mfa.email ? (
              <Button busy={pressed === 'email'} onClick={() => press('email', disableEmail)}>
                Turn off codes by email
              </Button>
            ) : (
              <Button busy={pressed === 'email'} onClick={() => press('email', enableEmail)}>
                Turn on codes by email
              </Button>
            )}
          </div>
        </Section>
      )}
      {mfa.enabled && (
        <Section
          title="Backup codes"
          badge={<Badge on={mfa.backupCodesRemaining > 2}>{mfa.backupCodesRemaining} left</Badge>}
        >
          <p>In case you lose your phone. New codes replace the old ones.</p>
          <div className="actions">
            <Button busy={pressed === 'codes'} onClick={() => press('codes', newCodes)}>
              Create new backup codes
            </Button>
          </div>
        </Section>
      )}
    </>
  );
}
