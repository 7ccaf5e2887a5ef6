import { type ReactNode, useId } from 'react';
import { useRetry } from '../lib/use-retry.ts';
import { Button } from './button.tsx';

/** One section of an account page. */
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

/** On or off, as text and not by color alone. */
export function Badge({ on, children }: { readonly on: boolean; readonly children: ReactNode }) {
  return <span className={on ? 'badge on' : 'badge'}>{children}</span>;
}

/** The data could not be loaded. It is requested again automatically, and at once with the button. */
export function Failed({ onRetry }: { readonly onRetry: () => void }) {
  useRetry(true, onRetry);
  return (
    <div role="alert" className="problem">
      <p>This could not be loaded. We will keep trying.</p>
      <div>
        <Button onClick={onRetry}>Try now</Button>
      </div>
    </div>
  );
}
