import type { ButtonHTMLAttributes, ReactNode } from 'react';

/** A button that can be busy: it keeps its size, its name and the focus meanwhile. */
export function Button({
  kind = 'plain',
  busy = false,
  waiting = false,
  icon,
  type = 'button',
  onClick,
  children,
  ...rest
}: {
  readonly kind?: 'primary' | 'plain' | 'danger' | 'quiet';
  readonly busy?: boolean;
  /** The button cannot be pressed yet. A text beside it says until when. */
  readonly waiting?: boolean;
  readonly icon?: ReactNode;
} & Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'className' | 'disabled'>) {
  return (
    <button
      {...rest}
      type={type}
      className={`lk-button lk-${kind}`}
      aria-disabled={busy || waiting}
      data-busy={busy || undefined}
      data-waiting={waiting || undefined}
      onClick={busy || waiting ? undefined : onClick}
    >
      <span>
        {icon}
        {children}
      </span>
    </button>
  );
}
