import { type AnchorHTMLAttributes, type MouseEvent, useSyncExternalStore } from 'react';

/** A router for a few fixed paths. The address bar is the state. */

const MOVED = 'latchkey:moved';
let moved = false;

/** Goes to another page of this app. */
export function navigate(to: string, { replace = false } = {}): void {
  if (replace) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  window.scrollTo(0, 0);
  window.dispatchEvent(new Event(MOVED));
}

/** True once the person has gone from one page to another. The focus must then follow. */
export function hasMoved(): boolean {
  return moved;
}

/** The path in the address bar. */
export function usePath(): string {
  return useSyncExternalStore(subscribe, () => location.pathname);
}

function subscribe(listen: () => void): () => void {
  const update = () => {
    moved = true;
    listen();
  };
  window.addEventListener('popstate', update);
  window.addEventListener(MOVED, update);
  return () => {
    window.removeEventListener('popstate', update);
    window.removeEventListener(MOVED, update);
  };
}

/** A link inside the app. With a modifier key, the browser handles it like any link. */
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
