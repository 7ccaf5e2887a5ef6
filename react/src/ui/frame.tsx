import type { ReactNode } from 'react';
import { useMessages } from '../context.ts';
import { Root } from './root.tsx';
import { SupportBanner } from './support-banner.tsx';

/**
 * The whole window around a page: a header that you fill, the page, and on wide screens a panel beside it. Pages
 * bring their own `<main>`. In a session in which an administrator acts as the person, it says so at the top.
 */
export function Frame({
  header,
  panel,
  children,
}: {
  readonly header?: ReactNode;
  /** Stands beside the card of a sign-in on wide screens: a picture, a sentence about the product. */
  readonly panel?: ReactNode;
  readonly children: ReactNode;
}) {
  const { common } = useMessages();
  return (
    <Root className="lk-frame">
      <a className="lk-skip" href="#main">
        {common.skipToContent}
      </a>
      <SupportBanner />
      {header && <header className="lk-header">{header}</header>}
      <div className="lk-frame-body" data-panel={panel ? true : undefined}>
        {children}
        {panel && <aside className="lk-panel">{panel}</aside>}
      </div>
    </Root>
  );
}
