import type { MailedTokenKind } from '@latchkey/client/operations';
import type { ReactNode } from 'react';
import { useLatchkey } from '../context.ts';
import type { Problem } from '../lib/problem.ts';
import { useMailedToken } from '../lib/use-mailed-token.ts';
import { Link } from '../navigation.tsx';
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
  const { messages, paths } = useLatchkey();
  const { undo } = messages;
  const { mailed, isFetching, hasFailed, retry } = useMailedToken(token, kind);
  let body: ReactNode = <p>{undo.noToken}</p>;
  if (isFetching && !mailed) body = <Loading />;
  else if (hasFailed) body = <Failed onRetry={retry} />;
  else if (token !== null && mailed) {
    const { email, undoes, stays } = mailed;
    body = (
      <>
        <Changes title={undo.undoes} changes={undoes} />
        <Changes title={undo.stays} hint={undo.staysHint} changes={stays} />
        <p>{undo.consequence}</p>
        <Form kind="danger" submit={submit} onSend={() => onUndo(token, email)} />
        <MailedFor mailed={mailed} />
      </>
    );
  } else if (token !== null) {
    body = (
      <>
        <p>{undo.useless}</p>
        <Link to={paths.forgotPassword} className="lk-button lk-primary">
          <span>{undo.newPassword}</span>
        </Link>
      </>
    );
  }
  return (
    <Page title={title} lead={lead}>
      {body}
    </Page>
  );
}
