import { match } from '@latchkey/client';
import { type SecurityChangeUndone, undoSecurityChange } from '@latchkey/client/operations';
import { useState } from 'react';
import { useLatchkey } from '../context.ts';
import { Anybody } from '../guard.tsx';
import { useAct } from '../lib/act.ts';
import { useProblems } from '../lib/problem.ts';
import { useSignInState } from '../lib/sign-in-state.tsx';
import { useFindOut } from '../lib/use-find-out.ts';
import { useLinkToken } from '../lib/use-link-token.ts';
import { Link } from '../navigation.tsx';
import { Changes } from '../ui/changes.tsx';
import { Page } from '../ui/page.tsx';
import { UndoPage } from '../ui/undo.tsx';

/** The page of the link in the mail about a new way of signing in, for a person who did not add it. */
export function UndoSecurityChange() {
  return (
    <Anybody>
      <UndoSecurityChangeForm />
    </Anybody>
  );
}

function UndoSecurityChangeForm() {
  const act = useAct();
  const { messages, paths } = useLatchkey();
  const { undo: words } = messages;
  const { problemOf } = useProblems();
  const findOut = useFindOut();
  const { setAddress } = useSignInState();
  const token = useLinkToken();
  const [result, setResult] = useState<SecurityChangeUndone | null>(null);
  const undo = async (link: string, email: string) =>
    match(await act(undoSecurityChange, { input: { token: link } }), {
      SecurityChangeUndone: async (undone) => {
        setAddress(email);
        setResult(undone);
        await findOut();
        return null;
      },
      Error: (refusal) => problemOf(refusal),
    });
  if (result) {
    const { undone, restored, stays, sessionsRevoked } = result;
    return (
      <Page title={words.securityDoneTitle} lead={words.securityDoneLead(sessionsRevoked)}>
        <Link to={paths.forgotPassword} className="lk-button lk-primary">
          <span>{words.newPassword}</span>
        </Link>
        <Changes title={words.undone} changes={undone} />
        <Changes title={words.restored} changes={restored} />
        <Changes title={words.stillActive} hint={words.stillActiveHint} changes={stays} />
      </Page>
    );
  }
  return (
    <UndoPage
      title={words.securityTitle}
      lead={words.securityLead}
      token={token}
      kind="UNDO_SECURITY_CHANGE"
      submit={words.securitySubmit}
      onUndo={undo}
    />
  );
}
