import type { ButtonHTMLAttributes } from 'react';

/** A button that can be busy: it keeps its size, its name and the focus meanwhile. */
export function Button({
  kind = 'plain',
  busy = false,
  type = 'button',
  onClick,
  children,
  ...rest
}: {
  readonly kind?: 'primary' | 'plain' | 'danger' | 'quiet';
  readonly busy?: boolean;
} & Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'className' | 'disabled'>) {
  return (
    <button
      {...rest}
      type={type}
      className={`button ${kind}`}
      aria-disabled={busy}
      data-busy={busy || undefined}
      onClick={busy ? undefined : onClick}
    >
      <span>{children}</span>
    </button>
  );
}
