import { match } from '@latchkey/client';
import type { MfaStatus } from '@latchkey/client/operations';
import { useState } from 'react';
import { useMessages } from '../context.ts';
import { usePasskeys } from '../lib/passkeys.tsx';
import { useProblems } from '../lib/problem.ts';
import { useMfaEnabled } from '../lib/use-mfa-enabled.ts';
import { usePress } from '../lib/use-press.ts';
import { Alert } from '../ui/alert.tsx';
import { Button } from '../ui/button.tsx';
import { Check, Field } from '../ui/field.tsx';
import { useFlash } from '../ui/flash.tsx';
import { Form, type Values } from '../ui/form.tsx';
import { Icon } from '../ui/icons.tsx';
import { Section } from '../ui/section.tsx';

/**
 * Adds a passkey in two clicks. The first requests the options, for which the person may have to confirm who they are; the
 * second creates the passkey, so that the browser's dialog opens within a click.
 */
export function AddPasskey({
  isFirst,
  mfa,
  onCodes,
}: {
  readonly isFirst: boolean;
  readonly mfa: MfaStatus;
  /** Called with the backup codes that come with the first second factor. */
  readonly onCodes: (codes: readonly string[]) => void;
}) {
  const { passkeys: words, common } = useMessages();
  const passkeys = usePasskeys();
  const showMessage = useFlash();
  const { problemOf } = useProblems();
  const { pressed, problem, press, waiting } = usePress();
  const [isOpen, setOpen] = useState(false);
  const enabled = useMfaEnabled((codes) => codes && onCodes(codes));
  const limitReached = ({ limit }: { readonly limit: number }) => ({
    summary: words.limit(limit),
    fields: {},
  });

  const open = async () =>
    match(await passkeys.prepareEnrollment(), {
      PasskeyEnrollment: () => {
        setOpen(true);
        return null;
      },
      PasskeyLimitError: limitReached,
      Error: (refusal) => problemOf(refusal),
    });
  const create = async (value: Values) => {
    const alsoSecondFactor = value('alsoSecondFactor') === 'on';
    const name = value('name').trim() || null;
    return match(await passkeys.enroll({ name, alsoSecondFactor }), {
      PasskeyAdded: async ({ passkey, backupCodes, viewer }) => {
        setOpen(false);
        showMessage(words.done(passkey.name));
        if (backupCodes) await enabled({ backupCodes, viewer });
        return null;
      },
      PasskeyCanceled: () => null,
      PasskeyExists: () => ({ summary: words.exists, fields: {} }),
      PasskeyLimitError: limitReached,
      Error: (refusal) => problemOf(refusal),
    });
  };

  const lead = isFirst ? `${words.empty} ${words.addLead}` : words.addLead;
  if (!passkeys.isSupported()) return <Section title={words.add} lead={words.unsupported} />;
  if (!isOpen) {
    return (
      <Section
        title={words.add}
        lead={lead}
        action={
          <Button
            kind={isFirst ? 'primary' : 'plain'}
            busy={pressed !== null}
            icon={<Icon name="passkey" />}
            onClick={() => press('add', open)}
          >
            {words.add}
          </Button>
        }
      >
        <Alert problem={problem} waiting={waiting} />
      </Section>
    );
  }
  return (
    <Section title={words.add} lead={lead}>
      <Form
        submit={words.create}
        onSend={create}
        aside={<Button onClick={() => setOpen(false)}>{common.cancel}</Button>}
      >
        <Field name="name" label={words.name} hint={words.nameHint} maxLength={100} autoFocus />
        {!mfa.passkey && (
          <Check
            name="alsoSecondFactor"
            label={words.alsoSecondFactor}
            required={false}
            defaultChecked={mfa.enrollmentRequired}
          />
        )}
      </Form>
    </Section>
  );
}
