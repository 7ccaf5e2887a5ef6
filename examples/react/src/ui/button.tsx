import type { ButtonHTMLAttributes } from 'react';

/** A button that can be busy: it keeps its size, its name and the focus meanwhile. */
export function Button({
  kind = 'plain',
  busy = false,
  waiting = false,
  type = 'button',
  onClick,
  children,
  ...rest
}: {
  readonly kind?: 'primary' | 'plain' | 'danger' | 'quiet';
  readonly busy?: boolean;
  /** The button cannot be pressed yet. A text beside it says until when. */
  readonly waiting?: boolean;
} & Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'className' | 'disabled'>) {
  return (
    <button
      {...rest}
      type={type}
      className={`button ${kind}`}
      aria-disabled={busy || waiting}
      data-busy={busy || undefined}
      data-waiting={waiting || undefined}
      onClick={busy || waiting ? undefined : onClick}
    >
      <span>{children}</span>
    </button>
  );
}
