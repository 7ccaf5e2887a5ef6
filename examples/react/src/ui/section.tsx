import { type ReactNode, useId } from 'react';
import { Button } from './button.tsx';

/** One part of an account page. */
export function Section({
  title,
  badge,
  children,
}: {
  readonly title: string;
  readonly badge?: ReactNode;
  readonly children: ReactNode;
}) {
  const id = useId();
  return (
    <section className="card" aria-labelledby={id}>
      <div className="card-head">
        <h2 id={id}>{title}</h2>
        {badge}
      </div>
      {children}
    </section>
  );
}

/** On or off, in words and not by colour alone. */
export function Badge({ on, children }: { readonly on: boolean; readonly children: ReactNode }) {
  return <span className={on ? 'badge on' : 'badge'}>{children}</span>;
}

/** What was asked for did not come. */
export function Failed({ onRetry }: { readonly onRetry: () => void }) {
  return (
    <div role="alert" className="problem">
      <p>This could not be loaded. Check your connection.</p>
      <div>
        <Button onClick={onRetry}>Try again</Button>
      </div>
    </div>
  );
}
