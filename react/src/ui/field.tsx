import { type FormEvent, type InputHTMLAttributes, type ReactNode, useRef, useState } from 'react';
import { useMessages } from '../context.ts';
import { useViewer } from '../lib/use-viewer.ts';
import { useFieldState } from './form.tsx';
import { Icon } from './icons.tsx';

type FieldProps = {
  readonly name: string;
  readonly label: string;
  readonly hint?: ReactNode;
  /** A link at the end of the label's line. */
  readonly beside?: ReactNode;
} & Omit<InputHTMLAttributes<HTMLInputElement>, 'id' | 'name' | 'className'>;

type Overrides = Partial<FieldProps>;

/** A labeled input with its hint and its error message. */
export function Field({ name, label, hint, beside, children, ...input }: FieldProps) {
  const { id, error } = useFieldState(name);
  const described = [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(' ');
  return (
    <div className="lk-field">
      <div className="lk-label">
        <label htmlFor={id}>{label}</label>
        {beside}
      </div>
      <div className="lk-input">
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
        <p id={`${id}-error`} className="lk-error">
          {error}
        </p>
      )}
      {hint && (
        <p id={`${id}-hint`} className={error ? 'lk-unseen' : 'lk-hint'}>
          {hint}
        </p>
      )}
    </div>
  );
}

/** The email address for signing in. */
export function EmailField(props: Overrides) {
  const { fields } = useMessages();
  return (
    <Field
      name="email"
      label={fields.email}
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
export function PasswordField(props: Overrides & { readonly fresh?: boolean }) {
  const { fields } = useMessages();
  const { fresh = false, ...field } = props;
  const [shown, setShown] = useState(false);
  const label = field.label ?? fields.password;
  return (
    <Field
      name="password"
      autoComplete={fresh ? 'new-password' : 'current-password'}
      autoCapitalize="none"
      spellCheck={false}
      required
      {...field}
      label={label}
      type={shown ? 'text' : 'password'}
    >
      <button
        type="button"
        className="lk-reveal"
        aria-pressed={shown}
        aria-label={fields.showPassword(label)}
        title={shown ? fields.hide : fields.show}
        onClick={() => setShown(!shown)}
      >
        <Icon name={shown ? 'eyeOff' : 'eye'} />
      </button>
    </Field>
  );
}

/** A checkbox, required unless it is said otherwise. */
export function Check({
  name,
  label,
  required = true,
  defaultChecked = false,
}: {
  readonly name: string;
  readonly label: string;
  readonly required?: boolean;
  readonly defaultChecked?: boolean;
}) {
  const { id, error } = useFieldState(name);
  return (
    <div className="lk-field lk-check">
      <label htmlFor={id}>
        <input
          type="checkbox"
          id={id}
          name={name}
          required={required}
          defaultChecked={defaultChecked}
          aria-invalid={error !== undefined}
          {...(error && { 'aria-describedby': `${id}-error` })}
        />
        <span>{label}</span>
      </label>
      {error && (
        <p id={`${id}-error`} className="lk-error">
          {error}
        </p>
      )}
    </div>
  );
}

/** Shows password managers which account a form is about: by default, the signed-in person's. */
export function Username({ email }: { readonly email?: string }) {
  const { viewer } = useViewer();
  return (
    <input hidden readOnly autoComplete="username" value={email ?? viewer?.user.email ?? ''} />
  );
}

/**
 * A code from an app or a mail. Phones suggest it and show a numeric keyboard. A code of digits is sent as soon as
 * it is complete, typed or pasted, if nothing else is missing in its form. A code that was refused is not sent
 * again by itself.
 */
export function CodeField({ digits, ...props }: Overrides & { readonly digits?: number }) {
  const { fields, problems } = useMessages();
  const sent = useRef('');
  const sendWhenComplete = ({ currentTarget: { value, form } }: FormEvent<HTMLInputElement>) => {
    const typed = [...value].filter((character) => /\p{N}/u.test(character)).join('');
    if (digits === undefined || [...typed].length !== digits || typed === sent.current) return;
    const isComplete = [...(form?.elements ?? [])].every(
      (element) => !(element instanceof HTMLInputElement) || element.validity.valid,
    );
    if (!isComplete) return;
    sent.current = typed;
    form?.requestSubmit();
  };
  const { hint, ...input } = props;
  return (
    <Field
      name="code"
      label={fields.code}
      autoComplete="one-time-code"
      autoCapitalize="none"
      spellCheck={false}
      required
      onInput={sendWhenComplete}
      hint={
        <>
          {hint}
          {digits !== undefined && <span className="lk-unseen"> {fields.submitsItself}</span>}
        </>
      }
      {...(digits !== undefined && {
        inputMode: 'numeric',
        // The server accepts digits of any width and ignores characters between them.
        pattern: `[^\\p{L}\\p{N}]*(\\p{N}[^\\p{L}\\p{N}]*){${digits}}`,
        title: problems.codeDigits(digits),
      })}
      {...input}
    />
  );
}
