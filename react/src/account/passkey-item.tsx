import { match } from '@latchkey/client';
import { type Passkey, removePasskey, renamePasskey } from '@latchkey/client/operations';
import { useEffect, useRef, useState } from 'react';
import { useMessages } from '../context.ts';
import { useAct } from '../lib/act.ts';
import { useProblems } from '../lib/problem.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { useFlash } from '../ui/flash.tsx';
import { Form, type Values } from '../ui/form.tsx';
import { Icon } from '../ui/icons.tsx';
import { Badge } from '../ui/section.tsx';
import { Ago } from '../ui/when.tsx';

/** One passkey, with its name, and the two things that can be done with it. */
export function PasskeyItem({ passkey }: { readonly passkey: Passkey }) {
  const { passkeys: words } = useMessages();
  const [open, setOpen] = useState<'rename' | 'remove' | null>(null);
  const item = useRef<HTMLLIElement>(null);
  const last = useRef(open);
  useEffect(() => {
    // The focus is where it was before, on the button that opened the form (WCAG 2.4.3).
    if (open === null && last.current !== null) {
      item.current?.querySelector<HTMLElement>(`[data-opens="${last.current}"]`)?.focus();
    }
    last.current = open;
  }, [open]);
  const { name, provider, synced, createdAt, lastUsedAt } = passkey;
  const close = () => setOpen(null);
  return (
    <li ref={item}>
      <Icon name="passkey" />
      <div>
        <div className="lk-item-title">
          <strong>{name}</strong>
          <Badge on={synced}>{synced ? words.synced : words.bound}</Badge>
        </div>
        <p className="lk-hint">
          {lastUsedAt ? (
            <>
              {words.used} <Ago at={lastUsedAt} />
            </>
          ) : (
            words.neverUsed
          )}
          {', '}
          {words.added} <Ago at={createdAt} />
        </p>
        {provider && <p className="lk-hint">{provider}</p>}
      </div>
      {open === null && (
        <div className="lk-actions">
          <Button data-opens="rename" onClick={() => setOpen('rename')}>
            {words.rename}
            <span className="lk-unseen"> {name}</span>
          </Button>
          <Button data-opens="remove" onClick={() => setOpen('remove')}>
            {words.remove}
            <span className="lk-unseen"> {name}</span>
          </Button>
        </div>
      )}
      {open === 'rename' && <Rename passkey={passkey} onDone={close} />}
      {open === 'remove' && <Remove passkey={passkey} onDone={close} />}
    </li>
  );
}

type Opened = { readonly passkey: Passkey; readonly onDone: () => void };

function Rename({ passkey: { id, name }, onDone }: Opened) {
  const act = useAct();
  const showMessage = useFlash();
  const { passkeys: words, common } = useMessages();
  const { problemOf } = useProblems();
  const save = async (value: Values) =>
    match(await act(renamePasskey, { input: { passkeyId: id, name: value('name').trim() } }), {
      PasskeyRenamed: () => {
        showMessage(words.renamed);
        onDone();
        return null;
      },
      NotFoundError: () => ({ summary: words.gone, fields: {} }),
      Error: (refusal) => problemOf(refusal),
    });
  return (
    <div className="lk-item-form">
      <Form
        kind="plain"
        submit={words.save}
        onSend={save}
        aside={<Button onClick={onDone}>{common.cancel}</Button>}
      >
        <Field
          name="name"
          label={words.newName}
          defaultValue={name}
          maxLength={100}
          required
          autoFocus
        />
      </Form>
    </div>
  );
}

/** Removing a way to sign in takes a second click, which says what it means. */
function Remove({ passkey: { id, name }, onDone }: Opened) {
  const act = useAct();
  const showMessage = useFlash();
  const { passkeys: words } = useMessages();
  const { problemOf } = useProblems();
  const remove = async () =>
    match(await act(removePasskey, { input: { passkeyId: id } }), {
      PasskeyRemoved: () => {
        showMessage(words.removed(name));
        return null;
      },
      NotFoundError: () => ({ summary: words.gone, fields: {} }),
      Error: (refusal) => problemOf(refusal),
    });
  const region = useRef<HTMLElement>(null);
  useEffect(() => region.current?.focus(), []);
  return (
    <section
      ref={region}
      tabIndex={-1}
      className="lk-item-form"
      aria-label={words.removeTitle(name)}
    >
      <p>
        <strong>{words.removeTitle(name)}</strong> {words.removeLead}
      </p>
      <Form
        kind="danger"
        submit={words.removeSubmit}
        onSend={remove}
        aside={<Button onClick={onDone}>{words.keep}</Button>}
      />
    </section>
  );
}
