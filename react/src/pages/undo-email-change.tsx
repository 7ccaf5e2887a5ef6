import { match } from '@latchkey/client';
import { undoEmailChange } from '@latchkey/client/operations';
import { useState } from 'react';
import { useLatchkey } from '../context.ts';
import { Anybody } from '../guard.tsx';
import { useAct } from '../lib/act.ts';
import { useProblems } from '../lib/problem.ts';
import { useSignInState } from '../lib/sign-in-state.tsx';
import { useFindOut } from '../lib/use-find-out.ts';
import { useLinkToken } from '../lib/use-link-token.ts';
import { Link } from '../navigation.tsx';
import { Page } from '../ui/page.tsx';
import { UndoPage } from '../ui/undo.tsx';

/** The page of the link in the mail to the old address, for a person who did not request the change. */
export function UndoEmailChange() {
  return (
    <Anybody>
      <UndoEmailChangeForm />
    </Anybody>
  );
}

function UndoEmailChangeForm() {
  const act = useAct();
  const { messages, paths } = useLatchkey();
  const { undo: words } = messages;
  const { problemOf } = useProblems();
  const findOut = useFindOut();
  const { setAddress } = useSignInState();
  const token = useLinkToken();
  const [undone, setUndone] = useState<string | null>(null);
  const undo = async (link: string) =>
    match(await act(undoEmailChange, { input: { token: link } }), {
      EmailChangeUndone: async ({ email }) => {
        setAddress(email);
        setUndone(email);
        await findOut();
        return null;
      },
      Error: (refusal) => problemOf(refusal),
    });
  if (undone !== null) {
    return (
      <Page title={words.emailDoneTitle} lead={words.emailDoneLead(undone)}>
        <Link to={paths.forgotPassword} className="lk-button lk-primary">
          <span>{words.newPassword}</span>
        </Link>
      </Page>
    );
  }
  return (
    <UndoPage
      title={words.emailTitle}
      lead={words.emailLead}
      token={token}
      kind="UNDO_EMAIL_CHANGE"
      submit={words.emailSubmit}
      onUndo={undo}
    />
  );
}
