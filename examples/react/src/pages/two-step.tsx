import { match } from '@latchkey/client';
import { useEffect, useState } from 'react';
import { useAct } from '../lib/act.ts';
import { useKept } from '../lib/kept.ts';
import { problemOf } from '../lib/problem.ts';
import { useMe } from '../lib/use-me.ts';
import { usePress } from '../lib/use-press.ts';
import { Alert } from '../ui/alert.tsx';
import { BackupCodes } from '../ui/backup-codes.tsx';
import { Loading, Page } from '../ui/page.tsx';
import { Failed } from '../ui/section.tsx';
import { EmailSetup } from './two-step/email-setup.tsx';
import { EnableTotp } from './two-step/operations.ts';
import { type Setup, TwoStepOverview } from './two-step/overview.tsx';
import { TotpSetup } from './two-step/totp-setup.tsx';

/** What a reload finds of a setup: that it was started, never its secret. */
type Begun =
  | Extract<Setup, { __typename: 'EmailSent' }>
  | { readonly __typename: 'TotpEnrollment'; readonly expiresAt: string };

/** Two-step verification: what is set up, and setting it up. Secrets are kept only in this component. */
export function TwoStep() {
  const { me, failed, retry } = useMe();
  const [begun, setBegun] = useKept<Begun>('two-step');
  const [enrollment, setEnrollment] = useState<Setup | null>(null);
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const begin = (setup: Setup) => {
    setEnrollment(setup);
    const { __typename, expiresAt } = setup;
    setBegun(__typename === 'EmailSent' ? setup : { __typename, expiresAt }, expiresAt);
  };
  const end = () => {
    setEnrollment(null);
    setBegun(null);
    return null;
  };
  const done = (backupCodes: readonly string[] | null) => {
    end();
    setCodes(backupCodes);
  };
  if (codes) return <BackupCodes codes={codes} onDone={() => setCodes(null)} />;
  if (begun?.__typename === 'EmailSent') {
    return <EmailSetup sent={begun} onDone={done} onCancel={end} />;
  }
  if (begun && enrollment?.__typename === 'TotpEnrollment') {
    const isAnother = begun.expiresAt !== enrollment.expiresAt;
    return <TotpSetup enrollment={enrollment} isAnother={isAnother} onDone={done} onCancel={end} />;
  }
  if (begun) return <ResumeTotp onSetup={setEnrollment} onEnd={end} />;
  return (
    <Page
      title="Two-step verification"
      lead="A second step protects your account even if someone knows your password."
      wide
    >
      {me && <TwoStepOverview mfa={me.mfa} onSetup={begin} onCodes={setCodes} />}
      {!me && (failed ? <Failed onRetry={retry} /> : <Loading />)}
    </Page>
  );
}

/** After a reload: requests the pending secret, which the server returns again. */
function ResumeTotp({
  onSetup,
  onEnd,
}: {
  readonly onSetup: (setup: Setup) => void;
  readonly onEnd: () => null;
}) {
  const act = useAct();
  const { pressed, problem, press, waiting } = usePress();
  useEffect(() => {
    // Once, and again after a problem has ended by itself.
    if (pressed !== null || problem !== null) return;
    press('resume', async () =>
      match(await act(EnableTotp, {}), {
        TotpEnrollment: (setup) => {
          onSetup(setup);
          return null;
        },
        // Confirmed in another tab, or the person did not reauthenticate.
        MfaAlreadyEnabledError: onEnd,
        StepUpRequiredError: onEnd,
        Error: (refusal) => problemOf(refusal),
      }),
    );
  }, [pressed, problem, press, act, onSetup, onEnd]);
  return (
    <Page title="Set up an authenticator app">
      {problem ? <Alert problem={problem} waiting={waiting} /> : <Loading />}
    </Page>
  );
}
