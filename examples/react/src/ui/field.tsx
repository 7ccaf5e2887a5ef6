import { type InputHTMLAttributes, type ReactNode, useState } from 'react';
import { useMe } from '../lib/use-me.ts';
import { useFieldState } from './form.tsx';

type FieldProps = {
  readonly name: string;
  readonly label: string;
  readonly hint?: ReactNode;
} & Omit<InputHTMLAttributes<HTMLInputElement>, 'id' | 'name' | 'className'>;

/** A labeled input with its hint and its error message. */
export function Field({ name, label, hint, children, ...input }: FieldProps) {
  const { id, error } = useFieldState(name);
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ');
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {hint && (
        <p id={`${id}-hint`} className="hint">
          {hint}
        </p>
      )}
      <div className="input">
        <input
          {...input}
          id={id}
          name={name}
          aria-invalid={error !== undefined}
          {...(described && { 'aria-describedby': described })}
        />
        {children}
      </div>
      {error && (
        <p id={`${id}-error`} className="error">
          {error}
        </p>
      )}
    </div>
  );
}

/** The email address for signing in. */
export function EmailField(props: Partial<FieldProps>) {
  return (
    <Field
      name="email"
      label="Email address"
      type="email"
      autoComplete="username"
      inputMode="email"
      autoCapitalize="none"
      spellCheck={false}
      required
      {...props}
    />
  );
}

/** A password that can be shown. It may be pasted and is never truncated. */
export function PasswordField(props: Partial<FieldProps> & { readonly fresh?: boolean }) {
  const { fresh = false, ...field } = props;
  const [shown, setShown] = useState(false);
  return (
    <Field
      name="password"
      label="Password"
      autoComplete={fresh ? 'new-password' : 'current-password'}
      autoCapitalize="none"
      spellCheck={false}
      required
      {...field}
      type={shown ? 'text' : 'password'}
    >
      <button
        type="button"
        className="reveal"
        aria-pressed={shown}
        aria-label={`Show ${(field.label ?? 'Password').toLowerCase()}`}
        onClick={() => setShown(!shown)}
      >
        {shown ? 'Hide' : 'Show'}
      </button>
    </Field>
  );
}

/** A required checkbox. */
export function Check({ name, label }: { readonly name: string; readonly label: string }) {
  const { id, error } = useFieldState(name);
  return (
    <div className="field check">
      <label htmlFor={id}>
        <input
          type="checkbox"
          id={id}
          name={name}
          required
          aria-invalid={error !== undefined}
          {...(error && { 'aria-describedby': `${id}-error` })}
        />
        <span>{label}</span>
      </label>
      {error && (
        <p id={`${id}-error`} className="error">
          {error}
        </p>
      )}
    </div>
  );
}

/** Shows password managers which account a form is about: by default, the signed-in person's. */
export function Username({ email }: { readonly email?: string }) {
  const { me } = useMe();
  return <input hidden readOnly autoComplete="username" value={email ?? me?.user.email ?? ''} />;
}

/** A code from an app or a mail. Phones suggest it and show a numeric keyboard. */
export function CodeField({
  digits,
  ...props
}: Partial<FieldProps> & { readonly digits?: number }) {
  return (
    <Field
      name="code"
      label="Code"
      autoComplete="one-time-code"
      autoCapitalize="none"
      spellCheck={false}
      required
      {...(digits !== undefined && {
        inputMode: 'numeric',
        // The server accepts digits of any width and ignores characters between them.
        pattern: `[^\\p{L}\\p{N}]*(\\p{N}[^\\p{L}\\p{N}]*){${digits}}`,
        title: `The code has ${digits} digits.`,
      })}
      {...props}
    />
  );
}
