import {
  createSession,
  createTransport,
  type Session,
  type SessionOptions,
  UnreachableError,
} from '@latchkey/client';
import {
  createEmailSignIns,
  createPasswordResets,
  createRegistrations,
} from '@latchkey/client/proofs';
import {
  type ReactNode,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
import { type Appearance, type Latchkey, LatchkeyContext, useSession } from './context.ts';
import { forgetKept } from './lib/kept.ts';
import { PasskeysProvider } from './lib/passkeys.tsx';
import { createQueries } from './lib/queries.ts';
import { fetchAndNoteTime } from './lib/server-clock.ts';
import { SignInStateProvider } from './lib/sign-in-state.tsx';
import { useRetry } from './lib/use-retry.ts';
import { english } from './messages/english.ts';
import { extendMessages, type MessageOverrides } from './messages/messages.ts';
import { type Navigation, NavigationProvider } from './navigation.tsx';
import { DEFAULT_PATHS, type Paths } from './paths.ts';
import { FlashProvider } from './ui/flash.tsx';
import { StepUpProvider } from './ui/step-up.tsx';
import { StepUpDialog } from './ui/step-up-dialog.tsx';

type Storage = Exclude<SessionOptions['storage'], undefined>;

/** Props of {@link LatchkeyProvider}. */
export type LatchkeyProviderProps = (
  | {
      /** The address of the server's GraphQL API. */
      readonly endpoint: string;
      /**
       * Where tokens are stored: see the client's README. `localStorage` by default, which survives a reload and
       * the way to a provider. Use `cookie` with the server's REFRESH_COOKIE if you can.
       */
      readonly storage?: Storage;
      readonly session?: never;
    }
  | {
      /** A session of your own, from `createSession`. */
      readonly session: Session;
      readonly endpoint?: never;
      readonly storage?: never;
    }
) & {
  /** A translation, or some texts in place of the English ones. */
  readonly messages?: MessageOverrides;
  readonly appearance?: Appearance;
  /** The app's own router. The History API by default. */
  readonly navigation?: Navigation;
  readonly paths?: Partial<Paths>;
  /** Replaces the dialog that asks for another proof of identity; see `useStepUp`. */
  readonly stepUpDialog?: ReactNode;
  readonly children?: ReactNode;
};

/** Provides the session, the texts and the look to every component and hook of this package. */
export function LatchkeyProvider(props: LatchkeyProviderProps) {
  const { messages, appearance = NO_APPEARANCE, navigation, paths, stepUpDialog, children } = props;
  const session = usePageSession(props);
  const isUnreached = useStart(session);
  const person = usePerson(session);
  // Answers for each person: what was shown to one must not be shown to the next.
  const { queries } = useMemo(() => ({ person, queries: createQueries() }), [person]);
  const [proofs] = useState(createProofs);
  const texts = useMemo(() => extendMessages(english, messages ?? {}), [messages]);
  const addresses = useMemo(() => ({ ...DEFAULT_PATHS, ...paths }), [paths]);
  const latchkey = useMemo(
    () => ({
      ...proofs,
      session,
      queries,
      messages: texts,
      appearance,
      paths: addresses,
      isUnreached,
    }),
    [proofs, session, queries, texts, appearance, addresses, isUnreached],
  );
  return (
    <LatchkeyContext.Provider value={latchkey}>
      <NavigationProvider navigation={navigation}>
        <FlashProvider>
          <SignInStateProvider>
            <StepUpProvider>
              <PasskeysProvider>
                <ForgetOnSignOut />
                {children}
                {stepUpDialog ?? <StepUpDialog />}
              </PasskeysProvider>
            </StepUpProvider>
          </SignInStateProvider>
        </FlashProvider>
      </NavigationProvider>
    </LatchkeyContext.Provider>
  );
}

const NO_APPEARANCE: Appearance = {};
const IS_BROWSER = typeof document !== 'undefined';

/** The sessions of this page. React may call the component again before it keeps anything, as in strict mode. */
const sessions = new Map<Storage, Map<string, Session>>();

function usePageSession({ session, endpoint, storage }: LatchkeyProviderProps): Session {
  const [own] = useState(() => {
    if (session || endpoint === undefined) return null;
    return IS_BROWSER ? sessionOf(endpoint, storage ?? 'localStorage') : NOBODY;
  });
  const used = session ?? own;
  if (!used) throw new Error('LatchkeyProvider needs an endpoint or a session.');
  return used;
}

function sessionOf(endpoint: string, storage: Storage): Session {
  const ofStorage = sessions.get(storage) ?? new Map<string, Session>();
  sessions.set(storage, ofStorage);
  const known = ofStorage.get(endpoint);
  if (known) return known;
  const cookie = storage === 'cookie';
  const transport = createTransport({ endpoint, cookie, fetch: fetchAndNoteTime });
  const created = createSession({ transport, storage });
  ofStorage.set(endpoint, created);
  return created;
}

const never = () => new Promise<never>(() => undefined);
const starting = { status: 'starting' } as const;

/** The session of a page that a server renders: it neither knows anybody nor opens anything. */
const NOBODY: Session = {
  state: () => starting,
  subscribe: () => () => undefined,
  getAccessToken: never,
  refresh: never,
  peek: () => null,
  signIn: () => undefined,
  signOut: never,
  deviceToken: () => null,
  keepDevice: () => undefined,
  execute: never,
  executeAnonymously: never,
  close: () => undefined,
};

const NO_STORAGE = { getItem: () => null, setItem: () => undefined, removeItem: () => undefined };

function createProofs(): Pick<Latchkey, 'registrations' | 'resets' | 'emailSignIns'> {
  const options = IS_BROWSER ? {} : { storage: NO_STORAGE, locks: null };
  return {
    registrations: createRegistrations(options),
    resets: createPasswordResets(options),
    emailSignIns: createEmailSignIns(options),
  };
}

/** Finds out whether somebody is signed in. @returns true while the server cannot be reached for that */
function useStart(session: Session): boolean {
  const isStarting = useSyncExternalStore(
    session.subscribe,
    () => session.state().status === 'starting',
    () => true,
  );
  const [isUnreached, setUnreached] = useState(false);
  const start = useCallback(() => {
    session.getAccessToken().catch((error: unknown) => {
      if (!(error instanceof UnreachableError)) throw error;
      setUnreached(true);
    });
  }, [session]);
  useEffect(() => {
    if (isStarting) start();
  }, [isStarting, start]);
  useRetry(isStarting && isUnreached, start);
  return isStarting && isUnreached;
}

function usePerson(session: Session): string | null {
  const read = () => {
    const state = session.state();
    return state.status === 'signed-in' ? state.userId : null;
  };
  return useSyncExternalStore(session.subscribe, read, () => null);
}

/** Deletes what the tab keeps of running steps, because the next person in this tab must not find it. */
function ForgetOnSignOut() {
  const { status } = useSession();
  const wasSomebody = useRef(false);
  useEffect(() => {
    if (status === 'signed-out' && wasSomebody.current) forgetKept();
    wasSomebody.current = status === 'signed-in';
  }, [status]);
  return null;
}
