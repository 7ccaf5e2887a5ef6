import { type ReactNode, useId } from 'react';
import { useMessages } from '../context.ts';
import { useRetry } from '../lib/use-retry.ts';
import { Button } from './button.tsx';
import { Icon } from './icons.tsx';

/** One card of an account page: its title, one sentence, the state as a badge, and the action at the right. */
export function Section({
  title,
  lead,
  badge,
  action,
  children,
}: {
  readonly title: string;
  readonly lead?: ReactNode;
  readonly badge?: ReactNode;
  readonly action?: ReactNode;
  readonly children?: ReactNode;
}) {
  const id = useId();
  return (
    <section className="lk-section" aria-labelledby={id}>
      <div className="lk-section-head">
        <div>
          <div className="lk-section-title">
            <h2 id={id}>{title}</h2>
            {badge}
          </div>
          {lead && <p className="lk-section-lead">{lead}</p>}
        </div>
        {action}
      </div>
      {children}
    </section>
  );
}

/** On or off, as text and not by color alone. */
export function Badge({ on, children }: { readonly on: boolean; readonly children: ReactNode }) {
  return <span className={on ? 'lk-badge lk-on' : 'lk-badge'}>{children}</span>;
}

/** The data could not be loaded. It is requested again automatically, and at once with the button. */
export function Failed({ onRetry }: { readonly onRetry: () => void }) {
  const { common, problems } = useMessages();
  useRetry(true, onRetry);
  return (
    <div role="alert" className="lk-problem lk-failed">
      <Icon name="alert" />
      <p>{problems.notLoaded}</p>
      <Button onClick={onRetry}>{common.tryNow}</Button>
    </div>
  );
}
