import { match } from '@latchkey/client';
import { enableTotp } from '@latchkey/client/operations';
import { useEffect, useState } from 'react';
import { useMessages } from '../context.ts';
import { useAct } from '../lib/act.ts';
import { useKept } from '../lib/kept.ts';
import { useProblems } from '../lib/problem.ts';
import { usePress } from '../lib/use-press.ts';
import { useViewer } from '../lib/use-viewer.ts';
import { Alert } from '../ui/alert.tsx';
import { Loading } from '../ui/page.tsx';
import { Failed } from '../ui/section.tsx';
import { AccountPage } from './account-page.tsx';
import { BackupCodes } from './backup-codes.tsx';
import { EmailSetup } from './email-setup.tsx';
import { TotpSetup } from './totp-setup.tsx';
import { type Setup, TwoStepOverview } from './two-step-overview.tsx';

/** What a reload finds of a setup: that it was started, never its secret. */
type Begun =
  | Extract<Setup, { __typename: 'EmailSent' }>
  | { readonly __typename: 'TotpEnrollment'; readonly expiresAt: string };

/** Two-step verification: what is set up, and setting it up. Secrets are kept only in this component. */
export function TwoStep() {
  const { twoStep } = useMessages();
  const { viewer, hasFailed, retry } = useViewer();
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
    <AccountPage title={twoStep.title} lead={twoStep.lead}>
      {viewer && <TwoStepOverview mfa={viewer.mfa} onSetup={begin} onCodes={setCodes} />}
      {!viewer && (hasFailed ? <Failed onRetry={retry} /> : <Loading lines={6} />)}
    </AccountPage>
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
  const { twoStep } = useMessages();
  const { problemOf } = useProblems();
  const { pressed, problem, press, waiting } = usePress();
  useEffect(() => {
    // Once, and again after a problem has ended by itself.
    if (pressed !== null || problem !== null) return;
    press('resume', async () =>
      match(await act(enableTotp), {
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
  }, [pressed, problem, press, act, onSetup, onEnd, problemOf]);
  return (
    <AccountPage title={twoStep.appTitle}>
      {problem ? <Alert problem={problem} waiting={waiting} /> : <Loading />}
    </AccountPage>
  );
}
