import { exchange } from './exchange.ts';
import { SIGN_OUT } from './generated/session-documents.ts';
import { saysNotAuthenticated } from './not-authenticated.ts';
import {
  createLock,
  onOnline,
  pause,
  schedule,
  systemChannel,
  systemClock,
  systemLocks,
  type TabMessage,
} from './ports.ts';
import { resultOf } from './send.ts';
import type { Session, SessionOptions, SessionState } from './session-types.ts';
import { createTokenStore, localStorageOfPage } from './storage.ts';
import { type Kept, keep } from './tokens.ts';
import { createTransport, UnreachableError, withUnreachableError } from './transport.ts';

/** How long to wait before the next refresh after one failed, unless the network returns earlier. */
const RETRY_AFTER = 15_000;
/** How long the message of another tab may take to arrive if the tabs share no storage. */
const NEWS_TIME = 10;
/**
 * How long another tab may hold the refresh lock. Together with the attempts that follow, this stays within the
 * server's replay window (30 s), so two tabs that refresh at the same time get the same successor (RR-5).
 */
const LOCK_LIMIT = 5000;
/**
 * The minimum remaining lifetime of a token that is handed out, because a request takes time to reach a server.
 */
const LEAST_LEFT = 5000;

/** Creates a session. It sends no request until a token is requested. */
export function createSession(options: SessionOptions): Session {
  const { storage = 'memory', name = 'latchkey', clock = systemClock } = options;
  const cookie = storage === 'cookie';
  const transport = withUnreachableError(
    options.transport ?? createTransport({ endpoint: options.endpoint, cookie }),
  );
  const tokenStore = createTokenStore(placeOf(storage), name, {
    clock,
    onError: options.onStorageError,
  });
  const locks = options.locks === undefined ? systemLocks() : options.locks;
  const channel = options.channel === undefined ? systemChannel(name) : options.channel;
  const lock = createLock(locks, clock, LOCK_LIMIT);
  const listeners = new Set<(state: SessionState) => void>();

  /** Counts sign-ins and sign-outs. An operation that began before one must not undo it. */
  let generation = 0;
  let offline = false;
  let because: 'never' | 'signed-out' | 'ended' = 'never';
  /** The session that this tab last saw. The content of another tab's storage may arrive after its message. */
  let held: string | null = null;
  /** The session that ended in this tab. A tab that does not know yet may still send its tokens. */
  let left: string | null = null;
  let starting = cookie;
  const firstReading = tokenStore.ready();
  let isRead = firstReading === null;
  let pending: Promise<string | null> | null = null;
  let cancelTimer = () => {};

  const read = (): SessionState => {
    const kept = tokenStore.read();
    if (kept) {
      const { userId, sessionId, accessToken } = kept;
      held = sessionId;
      because = 'never';
      return { status: 'signed-in', userId, sessionId, accessToken, offline };
    }
    if (starting || !isRead) return { status: 'starting' };
    // Another tab has emptied the storage, and its message with the reason has not arrived yet.
    const untold = because === 'never' && held !== null;
    return { status: 'signed-out', because: untold ? 'ended' : because };
  };

  let seen = read();
  /**
   * Returns the same object until something changes, because React's `useSyncExternalStore` compares by
   * identity.
   */
  const state = () => {
    const now = read();
    if (JSON.stringify(now) !== JSON.stringify(seen)) seen = now;
    return seen;
  };

  let published = seen;
  const publish = () => {
    const now = state();
    if (now === published) return;
    published = now;
    for (const listen of listeners) {
      try {
        listen(now);
      } catch (error) {
        // An error in a listener is the app's own. It is reported as an unhandled rejection and does not
        // disturb the refresh.
        Promise.reject(error);
      }
    }
  };

  /** The promise to wait for before it is certain that nobody is signed in. */
  const reading = () => (tokenStore.read() ? null : tokenStore.ready());

  const keepDevice = (deviceToken: string | null) => {
    if (deviceToken !== null) tokenStore.writeDevice(deviceToken);
  };

  const post = (message: TabMessage) => {
    try {
      channel?.postMessage(message);
    } catch {
      // The channel is closed or refuses the message. The other tabs learn of it from the storage or by
      // themselves.
    }
  };

  const plan = (at: number) => {
    cancelTimer();
    cancelTimer = schedule(clock, Math.max(0, at - clock.now()), () => {
      const kept = tokenStore.read();
      if (kept && !offline && clock.now() < kept.dueAt) return plan(kept.dueAt);
      if (kept || starting) refreshUnasked();
    });
  };

  const adopt = (kept: Kept) => {
    starting = false;
    offline = false;
    plan(kept.dueAt);
    publish();
    return kept.accessToken;
  };

  const take = (kept: Kept) => {
    tokenStore.write(kept);
    post({ kind: 'tokens', kept: tokenStore.isShared() ? null : kept });
    return adopt(kept);
  };

  const forget = (why: 'signed-out' | 'ended' | 'never') => {
    generation += 1;
    starting = false;
    offline = false;
    because = why;
    cancelTimer();
    left = tokenStore.read()?.sessionId ?? left;
    tokenStore.write(null);
    publish();
  };

  const renew = async (refused: string | null): Promise<string | null> => {
    if (locks && channel && !tokenStore.isShared()) await pause(clock, NEWS_TIME);
    const before = tokenStore.read();
    if (!before && !starting) return null;
    // Another tab refreshed while this tab waited.
    if (before && before.accessToken !== refused && clock.now() < before.dueAt) {
      return adopt(before);
    }
    const started = generation;
    const outcome = await exchange(transport, clock, before?.refreshToken ?? null);
    const now = tokenStore.read();
    if (generation !== started || now?.accessToken !== before?.accessToken) {
      publish();
      return now?.accessToken ?? null;
    }
    if (outcome.kind === 'renewed') return take(keep(outcome.signedIn, outcome.askedAt));
    forget(before ? 'ended' : 'never');
    if (before) post({ kind: 'signed-out', because: 'ended', sessionId: before.sessionId });
    return null;
  };

  const refresh = async (refused?: string | null): Promise<string | null> => {
    const loading = reading();
    if (loading) await loading;
    const other = refused === undefined ? (tokenStore.read()?.accessToken ?? null) : refused;
    pending ??= lock(name, () => renew(other))
      .catch((error: unknown) => {
        offline = error instanceof UnreachableError;
        plan(clock.now() + RETRY_AFTER);
        publish();
        throw error;
      })
      .finally(() => {
        pending = null;
      });
    return pending;
  };

  /** Nobody awaits this refresh. A failure is published as `offline`, and another refresh is scheduled. */
  const refreshUnasked = () => {
    refresh().catch((error: unknown) => {
      if (!(error instanceof UnreachableError)) throw error;
    });
  };

  /** True for a token that can still be sent. */
  const serves = (kept: Kept) => clock.now() < kept.expiresAt - (offline ? 0 : LEAST_LEFT);

  const getAccessToken = async () => {
    const loading = reading();
    if (loading) await loading;
    const kept = tokenStore.read();
    if (!kept && !starting) {
      publish();
      return null;
    }
    if (kept && serves(kept)) {
      if (!offline && clock.now() >= kept.dueAt) refreshUnasked();
      return kept.accessToken;
    }
    try {
      return await refresh(kept?.accessToken ?? null);
    } catch (error) {
      if (kept && error instanceof UnreachableError && clock.now() < kept.expiresAt) {
        return kept.accessToken;
      }
      throw error;
    }
  };

  channel?.addEventListener('message', ({ data }) => {
    const message = data as TabMessage;
    const kept = tokenStore.read();
    if (message.kind === 'hello') {
      if (kept && !tokenStore.isShared()) post({ kind: 'tokens', kept });
    } else if (message.kind === 'signed-out') {
      // Ignore messages about a session that this tab has already left for another one.
      const mine = kept?.sessionId ?? (because === 'never' ? held : null);
      if (mine === message.sessionId) forget(message.because);
    } else {
      if (message.kept && message.kept.sessionId === left && left !== null) return;
      if (message.kept && (!kept || kept.dueAt <= message.kept.dueAt))
        tokenStore.write(message.kept);
      const current = tokenStore.read();
      if (current) adopt(current);
    }
  });
  const stopOnline = onOnline(() => {
    if (offline) refreshUnasked();
  });
  /** Continues with the stored tokens, and asks the other tabs if they may have newer ones. */
  const begin = () => {
    const kept = tokenStore.read();
    if (kept) adopt(kept);
    if (!tokenStore.isShared()) post({ kind: 'hello' });
  };
  if (isRead) begin();
  firstReading?.then(() => {
    isRead = true;
    begin();
    publish();
  });

  return {
    state,
    subscribe: (listen) => {
      listeners.add(listen);
      return () => listeners.delete(listen);
    },
    getAccessToken,
    refresh,
    peek: () => {
      const kept = tokenStore.read();
      return kept && serves(kept) ? kept.accessToken : null;
    },
    signIn: (signedIn) => {
      generation += 1;
      keepDevice(signedIn.deviceToken ?? null);
      take(keep(signedIn, clock.now()));
    },
    signOut: async () => {
      const loading = reading();
      if (loading) await loading;
      const last = tokenStore.read();
      const hadCookie = cookie && (last !== null || starting);
      forget('signed-out');
      if (last) post({ kind: 'signed-out', because: 'signed-out', sessionId: last.sessionId });
      if (!last && !hadCookie) return { revoked: true };
      try {
        return await end(last);
      } catch (error) {
        if (error instanceof UnreachableError) return { revoked: false };
        throw error;
      }
    },
    deviceToken: () => tokenStore.readDevice(),
    keepDevice,
    execute: async (operation, ...[variables]) => {
      const ask = (accessToken: string | null) =>
        transport({ query: operation, variables: variables ?? {}, accessToken });
      const token = await getAccessToken();
      const answer = await ask(token);
      if (token === null || !saysNotAuthenticated(answer)) return resultOf(operation, answer);
      const next = await refresh(token);
      return resultOf(operation, next === null ? answer : await ask(next));
    },
    executeAnonymously: async (operation, ...[variables]) =>
      resultOf(
        operation,
        await transport({ query: operation, variables: variables ?? {}, accessToken: null }),
      ),
    close: () => {
      cancelTimer();
      stopOnline();
      try {
        channel?.close();
      } catch {
        // The channel cannot be closed, which does not matter.
      }
      listeners.clear();
    },
  };

  /** Signing out on the server needs a valid access token. An expired one is refreshed one last time. */
  async function end(last: Kept | null): Promise<{ readonly revoked: boolean }> {
    let accessToken = last && clock.now() < last.expiresAt ? last.accessToken : null;
    const isKept = accessToken !== null;
    if (accessToken === null) {
      const outcome = await exchange(transport, clock, last?.refreshToken ?? null);
      if (outcome.kind === 'refused') return { revoked: true };
      accessToken = outcome.signedIn.accessToken;
    }
    const answer = await transport({ query: SIGN_OUT, accessToken });
    // A rejected access token does not end the session. The refresh token decides whether the session is still
    // valid.
    if (isKept && saysNotAuthenticated(answer)) return end(last && { ...last, expiresAt: 0 });
    const { data, errors } = answer;
    return { revoked: !errors && data !== null && data !== undefined };
  }
}

function placeOf(storage: Exclude<SessionOptions['storage'], undefined>) {
  if (storage === 'localStorage') return localStorageOfPage;
  return typeof storage === 'string' ? null : storage;
}
