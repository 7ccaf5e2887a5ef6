import { match } from '@latchkey/client';
import { useState } from 'react';
import { graphql } from '../generated';
import { useAct } from '../lib/act.ts';
import { useEntrance } from '../lib/enter.tsx';
import { problemOf } from '../lib/problem.ts';
import { Link } from '../lib/router.tsx';
import { useLinkToken } from '../lib/token.ts';
import { useFindOut } from '../lib/use-find-out.ts';
import { Page } from '../ui/page.tsx';
import { UndoPage } from '../ui/undo.tsx';

const UndoEmailChange = graphql(`
  mutation UndoEmailChange($input: UndoEmailChangeInput!) {
    undoEmailChange(input: $input) {
      __typename
      ... on EmailChangeUndone { email }
      ...Refusal
    }
  }
`);

/** The page of the link in the mail to the old address, for a person who did not request the change. */
export function UndoEmailChangePage() {
  const act = useAct();
  const findOut = useFindOut();
  const { setAddress } = useEntrance();
  const token = useLinkToken();
  const [undone, setUndone] = useState<string | null>(null);
  const undo = async (link: string) =>
    match(await act(UndoEmailChange, { input: { token: link } }), {
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
      <Page
        title="Your address was restored"
        lead={`Your account uses ${undone} again, and all sessions were signed out. Choose a new password next, because someone may know the old one.`}
      >
        <p className="links">
          <Link to="/forgot-password">Choose a new password</Link>
        </p>
      </Page>
    );
  }
  return (
    <UndoPage
      title="Keep your old address"
      lead="Someone requested a change of your account's email address. If this was not you, undo it here."
      token={token}
      kind="UNDO_EMAIL_CHANGE"
      submit="Keep my address"
      onUndo={undo}
    />
  );
}
