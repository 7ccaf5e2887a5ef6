import { createSession, type Session, type SessionState, UnreachableError } from '@latchkey/client';
import {
  createContext,
  type ReactNode,
  use,
  useEffect,
  useMemo,
  useSyncExternalStore,
} from 'react';
import { Provider } from 'urql';
import { createClient } from './client.ts';
import { COOKIE_MODE } from './cookie-mode.ts';

const SessionContext = createContext<Session | null>(null);

/** The one session keeper of the page. */
export function startSession(): Session {
  return createSession({
    endpoint: '/graphql',
    storage: COOKIE_MODE ? 'cookie' : localStorage,
  });
}

/** Gives the session to every page, and to each person a GraphQL client and cache of their own. */
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
  // A cache for each person: what one was shown must not be shown to the next.
  const client = useMemo(() => ({ person, urql: createClient(session) }), [session, person]);
  useEffect(() => {
    if (status !== 'starting') return;
    session.getAccessToken().catch((error: unknown) => {
      // The keeper tries again by itself.
      if (!(error instanceof UnreachableError)) throw error;
    });
  }, [session, status]);
  return (
    <SessionContext value={session}>
      <Provider value={client.urql}>{children}</Provider>
    </SessionContext>
  );
}

/** The session keeper. */
export function useSession(): Session {
  const session = use(SessionContext);
  if (!session) throw new Error('useSession needs a SessionProvider around it.');
  return session;
}

/** Whether somebody is signed in; renders again when that changes. */
export function useSessionState(): SessionState {
  const session = useSession();
  return useSyncExternalStore(session.subscribe, session.state);
}
