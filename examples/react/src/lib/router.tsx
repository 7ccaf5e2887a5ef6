import { type AnchorHTMLAttributes, type MouseEvent, useSyncExternalStore } from 'react';

/** A router for a handful of fixed paths: the address bar is the state, these are its readers. */

const MOVED = 'latchkey:moved';
let moved = false;

/** Goes to another page of this app. */
export function navigate(to: string, { replace = false } = {}): void {
  if (replace) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  window.scrollTo(0, 0);
  window.dispatchEvent(new Event(MOVED));
}

/** True once the person has gone from one page to another: then focus has to follow. */
export function hasMoved(): boolean {
  return moved;
}

/** The path in the address bar. */
export function usePath(): string {
  return useSyncExternalStore(subscribe, () => location.pathname);
}

function subscribe(listen: () => void): () => void {
  const tell = () => {
    moved = true;
    listen();
  };
  window.addEventListener('popstate', tell);
  window.addEventListener(MOVED, tell);
  return () => {
    window.removeEventListener('popstate', tell);
    window.removeEventListener(MOVED, tell);
  };
}

/** A link inside the app. With a modifier key it is the browser's, as any link. */
export function Link({
  to,
  onFollow,
  ...rest
}: { readonly to: string; readonly onFollow?: () => void } & Omit<
  AnchorHTMLAttributes<HTMLAnchorElement>,
  'href' | 'onClick'
>) {
  const follow = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) {
      return;
    }
    event.preventDefault();
    onFollow?.();
    navigate(to);
  };
  const here = usePath() === to;
  return <a {...rest} href={to} onClick={follow} {...(here && { 'aria-current': 'page' })} />;
}
