import { match } from '@latchkey/client';
import { useState } from 'react';
import { graphql } from '../generated';
import type { UndoSecurityChangeMutation } from '../generated/graphql';
import { useAct } from '../lib/act.ts';
import { useEntrance } from '../lib/enter.tsx';
import { problemOf } from '../lib/problem.ts';
import { Link } from '../lib/router.tsx';
import { useLinkToken } from '../lib/token.ts';
import { useFindOut } from '../lib/use-find-out.ts';
import { Changes } from '../ui/changes.tsx';
import { Page } from '../ui/page.tsx';
import { UndoPage } from '../ui/undo.tsx';

const UndoSecurityChange = graphql(`
  mutation UndoSecurityChange($input: UndoSecurityChangeInput!) {
    undoSecurityChange(input: $input) {
      __typename
      ... on SecurityChangeUndone {
        undone { ...Change }
        restored { ...Change }
        stays { ...Change }
        sessionsRevoked
      }
      ...Refusal
    }
  }
`);

type Undone = Extract<
  UndoSecurityChangeMutation['undoSecurityChange'],
  { readonly __typename: 'SecurityChangeUndone' }
>;

/** The page of the link in the mail about a new way of signing in, for a person who did not add it. */
export function UndoSecurityChangePage() {
  const act = useAct();
  const findOut = useFindOut();
  const { setAddress } = useEntrance();
  const token = useLinkToken();
  const [result, setResult] = useState<Undone | null>(null);
  const undo = async (link: string, email: string) =>
    match(await act(UndoSecurityChange, { input: { token: link } }), {
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
    const ended = sessionsRevoked === 1 ? 'One session was' : `${sessionsRevoked} sessions were`;
    return (
      <Page
        title="The change was undone"
        lead={`${ended} signed out, and the password was removed. Choose a new one now.`}
      >
        <p className="links">
          <Link to="/forgot-password">Choose a new password</Link>
        </p>
        <Changes title="Undone" changes={undone} />
        <Changes title="Restored" changes={restored} />
        <Changes
          title="Still active"
          hint="These are older than the change. After signing in, remove any that are not yours."
          changes={stays}
        />
      </Page>
    );
  }
  return (
    <UndoPage
      title="Undo a change to your account"
      lead="Someone changed the ways to sign in to your account. If this was not you, undo it here."
      token={token}
      kind="UNDO_SECURITY_CHANGE"
      submit="Undo these changes"
      onUndo={undo}
    />
  );
}
