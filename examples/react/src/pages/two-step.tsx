import { useState } from 'react';
import { useMe } from '../lib/use-me.ts';
import { BackupCodes } from '../ui/backup-codes.tsx';
import { Loading, Page } from '../ui/page.tsx';
import { Failed } from '../ui/section.tsx';
import { EmailSetup } from './two-step/email-setup.tsx';
import { type Setup, TwoStepOverview } from './two-step/overview.tsx';
import { TotpSetup } from './two-step/totp-setup.tsx';

/** The second step of signing in: what is set up, and setting it up. Secrets live here alone. */
export function TwoStep() {
  const { me, failed, retry } = useMe();
  const [setup, setSetup] = useState<Setup | null>(null);
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const done = (backupCodes: readonly string[] | null) => {
    setSetup(null);
    setCodes(backupCodes);
  };
  if (codes) return <BackupCodes codes={codes} onDone={() => setCodes(null)} />;
  if (setup?.__typename === 'TotpEnrollment') {
    return <TotpSetup enrollment={setup} onDone={done} onCancel={() => setSetup(null)} />;
  }
  if (setup)
    return <EmailSetup sentTo={setup.email} onDone={done} onCancel={() => setSetup(null)} />;
  return (
    <Page
      title="Two-step sign-in"
      lead="A second proof besides your password keeps others out even if they know it."
      wide
    >
      {me && <TwoStepOverview mfa={me.mfa} onSetup={setSetup} onCodes={setCodes} />}
      {!me && (failed ? <Failed onRetry={retry} /> : <Loading />)}
    </Page>
  );
}
