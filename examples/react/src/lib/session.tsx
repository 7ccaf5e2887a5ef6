import { createSession, type Session, type SessionState, UnreachableError } from '@latchkey/client';
import {
  createContext,
  type ReactNode,
  use,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
import { Provider } from 'urql';
import { createClient } from './client.ts';
import { COOKIE_MODE } from './cookie-mode.ts';
import { forgetKept } from './kept.ts';
import { useRetry } from './use-retry.ts';

const SessionContext = createContext<Session | null>(null);
const UnreachedContext = createContext(false);

/** Creates the one session of the page. */
export function startSession(): Session {
  return createSession({
    endpoint: '/graphql',
    storage: COOKIE_MODE ? 'cookie' : localStorage,
  });
}

/** Provides the session to every page, and a separate GraphQL client and cache for each person. */
export function SessionProvider({
  session,
  children,
}: {
  readonly session: Session;
  readonly children: ReactNode;
}) {
  const state = useSyncExternalStore(session.subscribe, session.state);
  const { status } = state;
  const person = status === 'signed-in' ? state.userId : null;
  // A cache for each person: what was shown to one must not be shown to the next.
  const client = useMemo(() => ({ person, urql: createClient(session) }), [session, person]);
  const wasSomebody = useRef(false);
  useEffect(() => {
    if (status === 'signed-out' && wasSomebody.current) forgetKept();
    wasSomebody.current = status === 'signed-in';
  }, [status]);
  const [unreached, setUnreached] = useState(false);
  const start = useCallback(() => {
    session.getAccessToken().catch((error: unknown) => {
      if (!(error instanceof UnreachableError)) throw error;
      setUnreached(true);
    });
  }, [session]);
  const isStarting = status === 'starting';
  useEffect(() => {
    if (isStarting) start();
  }, [isStarting, start]);
  useRetry(isStarting && unreached, start);
  return (
    <SessionContext value={session}>
      <UnreachedContext value={isStarting && unreached}>
        <Provider value={client.urql}>{children}</Provider>
      </UnreachedContext>
    </SessionContext>
  );
}

/** The session. */
export function useSession(): Session {
  const session = use(SessionContext);
  if (!session) throw new Error('useSession needs a SessionProvider around it.');
  return session;
}

/** True while it is unknown whether somebody is signed in, because the server cannot be reached. */
export function useUnreached(): boolean {
  return use(UnreachedContext);
}

/** The state of the session. The component renders again when it changes. */
export function useSessionState(): SessionState {
  const session = useSession();
  return useSyncExternalStore(session.subscribe, session.state);
}
