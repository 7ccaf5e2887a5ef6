import { match } from '@latchkey/client';
import { deleteAccount } from '@latchkey/client/operations';
import { useLatchkey } from '../context.ts';
import { useAct } from '../lib/act.ts';
import { useProblems } from '../lib/problem.ts';
import { useNavigation } from '../navigation.tsx';
import { Check } from '../ui/field.tsx';
import { useFlash } from '../ui/flash.tsx';
import { Form } from '../ui/form.tsx';
import { AccountPage, FormCard } from './account-page.tsx';

/** Deletes the account permanently. */
export function DeleteAccount() {
  const act = useAct();
  const showMessage = useFlash();
  const { session, messages, paths } = useLatchkey();
  const { deleteAccount: words } = messages;
  const { navigate } = useNavigation();
  const { problemOf } = useProblems();
  const remove = async () =>
    match(await act(deleteAccount), {
      AccountDeleted: async () => {
        const signedOut = session.signOut();
        navigate(paths.signIn);
        showMessage(words.done);
        await signedOut;
        return null;
      },
      Error: (refusal) => problemOf(refusal),
    });
  return (
    <AccountPage title={words.title} lead={words.lead} back={words.keep}>
      <FormCard>
        <Form submit={words.submit} kind="danger" onSend={remove}>
          <Check name="understood" label={words.understood} />
        </Form>
      </FormCard>
    </AccountPage>
  );
}
