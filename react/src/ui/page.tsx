import { type ReactNode, useEffect, useRef } from 'react';
import { useLatchkey, useMessages, useSession } from '../context.ts';
import { useNavigation } from '../navigation.tsx';
import { Root } from './root.tsx';

/** The heading of a page: in the title bar too, and with the focus after the person went to the page. */
export function PageHeading({
  title,
  lead,
}: {
  readonly title: string;
  readonly lead?: ReactNode;
}) {
  const { name } = useLatchkey().appearance;
  const { hasMoved } = useNavigation();
  const heading = useRef<HTMLHeadingElement>(null);
  const last = useRef<string | null>(null);
  useEffect(() => {
    document.title = name ? `${title} · ${name}` : title;
    // Not on the first page, where the browser itself starts at the top.
    if (hasMoved() || (last.current !== null && last.current !== title)) heading.current?.focus();
    last.current = title;
  }, [title, name, hasMoved]);
  return (
    <div className="lk-heading">
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {lead && <p className="lk-lead">{lead}</p>}
    </div>
  );
}

/** One page of a sign-in: a card with the logo, the title and what there is to do. */
export function Page({
  title,
  lead,
  children,
}: {
  readonly title: string;
  readonly lead?: ReactNode;
  readonly children?: ReactNode;
}) {
  return (
    <Root className="lk-card-page">
      <main id="main" tabIndex={-1}>
        <ConnectionStatus />
        <article className="lk-card">
          <Logo />
          <PageHeading title={title} lead={lead} />
          {children}
        </article>
      </main>
    </Root>
  );
}

function Logo() {
  const { logo } = useLatchkey().appearance;
  return logo ? <div className="lk-logo">{logo}</div> : null;
}

/** One line while the server cannot be reached. */
export function ConnectionStatus() {
  const { isUnreached } = useLatchkey();
  const { common } = useMessages();
  const state = useSession();
  const isOffline = state.status === 'signed-in' && state.offline;
  return (
    <p role="status" className="lk-offline">
      {isOffline && common.offline}
      {isUnreached && common.unreached}
    </p>
  );
}

/** The shape of what is coming, shown if it takes longer than a moment. */
export function Loading({ what, lines = 3 }: { readonly what?: string; readonly lines?: number }) {
  const { common } = useMessages();
  return (
    <div role="status" className="lk-loading">
      <span className="lk-unseen">{what ?? common.loading}…</span>
      {Array.from({ length: lines }, (_, line) => `line ${line}`).map((key) => (
        <span key={key} className="lk-bone" />
      ))}
    </div>
  );
}

/** The card before it is known whether somebody is signed in. */
export function LoadingPage() {
  return (
    <Root className="lk-card-page">
      <main id="main" tabIndex={-1}>
        <ConnectionStatus />
        <div className="lk-card">
          <Loading lines={4} />
        </div>
      </main>
    </Root>
  );
}
