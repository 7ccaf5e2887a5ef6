import type { ReauthenticationMethod } from '../generated/graphql';
import { CodeField } from './field.tsx';

const NAMES: Readonly<Record<ReauthenticationMethod, string>> = {
  PASSWORD: 'Password',
  TOTP: 'Authenticator app',
  EMAIL: 'Code by email',
  BACKUP_CODE: 'Backup code',
  OAUTH: 'Connected account',
  PASSKEY: 'Passkey',
};

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
  if (methods.length < 2) return null;
  return (
    <fieldset className="choice">
      <legend>How do you want to confirm?</legend>
      {methods.map((method) => (
        <label key={method}>
          <input
            type="radio"
            value={method}
            checked={method === chosen}
            onChange={() => onChoose(method)}
          />
          <span>{NAMES[method]}</span>
        </label>
      ))}
    </fieldset>
  );
}

/** The field for a code of one method. */
export function MethodCode({ method }: { readonly method: ReauthenticationMethod }) {
  if (method === 'BACKUP_CODE') {
    return (
      <CodeField
        key={method}
        label="Backup code"
        hint="One of the ten codes you saved. Each works once."
        autoComplete="off"
      />
    );
  }
  if (method === 'EMAIL') {
    return <CodeField key={method} hint="The 8 digits in the mail." digits={8} />;
  }
  return <CodeField key={method} hint="The 6 digits your app shows now." digits={6} />;
}
