import type { ReactNode } from 'react';
import { useLatchkey } from '../context.ts';

/** The element that the styles of this package apply within. Everything outside keeps the app's own look. */
export function Root({
  className = '',
  children,
}: {
  readonly className?: string;
  readonly children: ReactNode;
}) {
  const { colorScheme } = useLatchkey().appearance;
  return (
    <div className={`latchkey ${className}`.trimEnd()} data-scheme={colorScheme}>
      {children}
    </div>
  );
}
