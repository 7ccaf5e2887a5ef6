import { type ReactNode, useEffect, useRef } from 'react';
import { hasMoved } from '../lib/router.tsx';

/** One page: its title in the title bar and as heading, with the focus on the heading. */
export function Page({
  title,
  lead,
  wide = false,
  children,
}: {
  readonly title: string;
  readonly lead?: ReactNode;
  readonly wide?: boolean;
  readonly children?: ReactNode;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  const last = useRef<string | null>(null);
  useEffect(() => {
    document.title = `${title} · Latchkey`;
    // Not on the first page, where the browser itself starts at the top.
    if (hasMoved() || (last.current !== null && last.current !== title)) heading.current?.focus();
    last.current = title;
  }, [title]);
  return (
    <article className={wide ? 'page wide' : 'page'}>
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {lead && <p className="lead">{lead}</p>}
      {children}
    </article>
  );
}

/** A text while something is loading. */
export function Loading({ what = 'Loading' }: { readonly what?: string }) {
  return (
    <p role="status" className="loading">
      {what}…
    </p>
  );
}
