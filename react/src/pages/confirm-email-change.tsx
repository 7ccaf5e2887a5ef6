import { match } from '@latchkey/client';
import { confirmEmailChange } from '@latchkey/client/operations';
import { useLatchkey } from '../context.ts';
import { RequireAuth } from '../guard.tsx';
import { useAct } from '../lib/act.ts';
import { useProblems } from '../lib/problem.ts';
import { useLinkToken } from '../lib/use-link-token.ts';
import { Link, useNavigation } from '../navigation.tsx';
import { useFlash } from '../ui/flash.tsx';
import { Form } from '../ui/form.tsx';
import { Page } from '../ui/page.tsx';

/** The page of the link in the mail to the new address. */
export function ConfirmEmailChange() {
  return (
    <RequireAuth>
      <ConfirmEmailChangeForm />
    </RequireAuth>
  );
}

function ConfirmEmailChangeForm() {
  const act = useAct();
  const showMessage = useFlash();
  const { messages, paths } = useLatchkey();
  const { confirmEmailChange: words } = messages;
  const { navigate } = useNavigation();
  const { problemOf } = useProblems();
  const token = useLinkToken();
  if (token === null) {
    return (
      <Page title={words.title} lead={words.noToken}>
        <Link to={`${paths.account}/email`} className="lk-button">
          <span>{words.toChange}</span>
        </Link>
      </Page>
    );
  }
  const confirm = async () =>
    match(await act(confirmEmailChange, { input: { proof: { token } } }), {
      EmailChanged: ({ viewer }) => {
        navigate(paths.account, { replace: true });
        showMessage(words.done(viewer.user.email));
        return null;
      },
      Error: (refusal) => problemOf(refusal),
    });
  return (
    <Page title={words.title} lead={words.lead}>
      <Form submit={words.submit} onSend={confirm} />
    </Page>
  );
}
