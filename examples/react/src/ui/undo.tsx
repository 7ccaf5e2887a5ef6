import type { ReactNode } from 'react';
import type { MailedTokenKind } from '../generated/graphql';
import type { Problem } from '../lib/problem.ts';
import { Link } from '../lib/router.tsx';
import { useMailedToken } from '../lib/use-mailed-token.ts';
import { Changes } from './changes.tsx';
import { Form } from './form.tsx';
import { MailedFor } from './mailed-for.tsx';
import { Loading, Page } from './page.tsx';
import { Failed } from './section.tsx';

/**
 * The page of a link that undoes a change. It shows what will be removed and what will stay, and does nothing
 * before the click.
 */
export function UndoPage({
  title,
  lead,
  token,
  kind,
  submit,
  onUndo,
}: {
  readonly title: string;
  readonly lead: string;
  readonly token: string | null;
  readonly kind: MailedTokenKind;
  readonly submit: string;
  readonly onUndo: (token: string, email: string) => Promise<Problem | null>;
}) {
  const { mailed, fetching, failed, retry } = useMailedToken(token, kind);
  let body: ReactNode = <p>Open the link in the mail again.</p>;
  if (fetching) body = <Loading />;
  else if (failed) body = <Failed onRetry={retry} />;
  else if (token !== null && mailed) {
    const { email, undoes, stays } = mailed;
    body = (
      <>
        <Changes title="What will be undone" changes={undoes} />
        <Changes
          title="What will stay"
          hint="These are older, and someone used them in the sessions that made these changes. After signing in, remove any that are not yours."
          changes={stays}
        />
        <p>
          All sessions are signed out, and the password is removed, whoever set it. You choose a new
          one next.
        </p>
        <Form danger submit={submit} onSend={() => onUndo(token, email)} />
        <MailedFor mailed={mailed} />
      </>
    );
  } else if (token !== null) {
    body = (
      <>
        <p>
          This link was used, has expired or was canceled by another undo. If something is still
          wrong, choose a new password. The mail about it lists what can be undone.
        </p>
        <p className="links">
          <Link to="/forgot-password">Choose a new password</Link>
        </p>
      </>
    );
  }
  return (
    <Page title={title} lead={lead}>
      {body}
    </Page>
  );
}
