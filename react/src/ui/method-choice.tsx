import type { ReauthenticationMethod } from '@latchkey/client/operations';
import { useMessages } from '../context.ts';
import { CodeField } from './field.tsx';

/** The choice of a method; nothing if there is only one. */
export function MethodChoice<Method extends ReauthenticationMethod>({
  methods,
  chosen,
  onChoose,
}: {
  readonly methods: readonly Method[];
  readonly chosen: Method;
  readonly onChoose: (method: Method) => void;
}) {
  const { secondStep } = useMessages();
  if (methods.length < 2) return null;
  return (
    <fieldset className="lk-choice">
      <legend>{secondStep.choose}</legend>
      {methods.map((method) => (
        <label key={method}>
          <input
            type="radio"
            value={method}
            checked={method === chosen}
            onChange={() => onChoose(method)}
          />
          <span>{secondStep.methods[method]}</span>
        </label>
      ))}
    </fieldset>
  );
}

/** The field for a code of one method. */
export function MethodCode({ method }: { readonly method: ReauthenticationMethod }) {
  const { fields } = useMessages();
  if (method === 'BACKUP_CODE') {
    return (
      <CodeField
        key={method}
        label={fields.backupCode}
        hint={fields.backupCodeHint}
        autoComplete="off"
      />
    );
  }
  if (method === 'EMAIL') return <CodeField key={method} hint={fields.mailCodeHint} digits={8} />;
  return <CodeField key={method} hint={fields.appCodeHint} digits={6} />;
}
