import {
  type AnchorHTMLAttributes,
  createContext,
  type MouseEvent,
  type ReactNode,
  useCallback,
  useContext,
  useMemo,
  useRef,
  useSyncExternalStore,
} from 'react';

/** Where the browser is: the two parts of the address that the components read. */
export type Place = { readonly pathname: string; readonly search: string };

/**
 * How the components read the address and change it. React Router and Next have both parts: pass what their hooks
 * return. The default is the browser's History API.
 */
export type Navigation = {
  readonly location: Place;
  readonly navigate: (to: string, options?: { readonly replace?: boolean }) => unknown;
};

type Navigate = (to: string, options?: { readonly replace?: boolean }) => void;

type NavigationState = {
  readonly place: Place;
  /** Always the same function. */
  readonly navigate: Navigate;
  /** The current place, for code that runs after a render. */
  readonly here: () => Place;
  /** True after the first change of page. From then on, the focus moves to the heading of each page. */
  readonly hasMoved: () => boolean;
};

const NavigationContext = createContext<NavigationState | null>(null);

/** Provides the app's own router to the components, or the History API. */
export function NavigationProvider({
  navigation,
  children,
}: {
  readonly navigation: Navigation | undefined;
  readonly children: ReactNode;
}) {
  const address = useSyncExternalStore(subscribe, readAddress, readAddressOnServer);
  const place = navigation?.location ?? placeOf(address);
  const { pathname, search } = place;

  const latest = useRef({ navigation, place });
  latest.current = { navigation, place };
  const first = useRef(pathname + search);
  const moved = useRef(false);
  // During rendering, because the effects of a page run before those of the components around it. On a server, and
  // until the browser takes over from it, the History API has no address.
  if (first.current === '') first.current = pathname + search;
  else if (first.current !== pathname + search) moved.current = true;

  const navigate = useCallback<Navigate>((to, options = {}) => {
    const { navigation: own } = latest.current;
    moved.current = true;
    if (own) own.navigate(to, options);
    else navigateByHistory(to, options);
  }, []);
  const here = useCallback(() => latest.current.place, []);
  const hasMoved = useCallback(() => moved.current, []);
  const state = useMemo(
    () => ({ place: { pathname, search }, navigate, here, hasMoved }),
    [pathname, search, navigate, here, hasMoved],
  );
  return <NavigationContext.Provider value={state}>{children}</NavigationContext.Provider>;
}

/** The address, and the function that changes it. */
export function useNavigation(): NavigationState {
  const state = useContext(NavigationContext);
  if (!state) throw new Error('This component needs a LatchkeyProvider around it.');
  return state;
}

const MOVED = 'latchkey:moved';

function navigateByHistory(to: string, { replace = false }: { readonly replace?: boolean }): void {
  if (replace) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  window.scrollTo(0, 0);
  window.dispatchEvent(new Event(MOVED));
}

/** One string, because `useSyncExternalStore` compares by identity. */
function readAddress(): string {
  return location.pathname + location.search;
}

function readAddressOnServer(): string {
  return '';
}

function placeOf(address: string): Place {
  const start = address.indexOf('?');
  if (start === -1) return { pathname: address, search: '' };
  return { pathname: address.slice(0, start), search: address.slice(start) };
}

function subscribe(listen: () => void): () => void {
  window.addEventListener('popstate', listen);
  window.addEventListener(MOVED, listen);
  return () => {
    window.removeEventListener('popstate', listen);
    window.removeEventListener(MOVED, listen);
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
  const { place, navigate } = useNavigation();
  const follow = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) {
      return;
    }
    event.preventDefault();
    onFollow?.();
    navigate(to);
  };
  return (
    <a
      {...rest}
      href={to}
      onClick={follow}
      {...(place.pathname === to && { 'aria-current': 'page' })}
    />
  );
}
