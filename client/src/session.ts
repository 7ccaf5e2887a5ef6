import { exchange } from './exchange.ts';
import { saysNotAuthenticated } from './not-authenticated.ts';
import {
  onOnline,
  pause,
  systemChannel,
  systemClock,
  systemLocks,
  type TabMessage,
} from './ports.ts';
import { resultOf } from './send.ts';
import type { Session, SessionOptions, SessionState } from './session-types.ts';
import { createKeeper } from './storage.ts';
import { type Kept, keep } from './tokens.ts';
import { createTransport, UnreachableError, unreachableWhenItThrows } from './transport.ts';

/** How long a failed refresh waits for the next one, unless the network comes back before. */
const RETRY_AFTER = 15_000;
/** What another tab's news may take to arrive where tabs share no storage. */
const NEWS_TIME = 10;

const LOGOUT = 'mutation Logout { logout { __typename } }';

/** Makes a session keeper. Asks the server nothing until it is asked for a token. */
export function createSession(options: SessionOptions): Session {
  const { storage = 'memory', name = 'latchkey', clock = systemClock } = options;
  const cookie = storage === 'cookie';
  const transport = unreachableWhenItThrows(
    options.transport ?? createTransport({ endpoint: options.endpoint, cookie }),
  );
  const keeper = createKeeper(typeof storage === 'string' ? null : storage, name);
  const locks = options.locks === undefined ? systemLocks() : options.locks;
  const channel = options.channel === undefined ? systemChannel(name) : options.channel;
  const listeners = new Set<(state: SessionState) => void>();

  /** Counts sign-ins and sign-outs: what was under way before one must not undo it. */
  let turn = 0;
  let offline = false;
  let because: 'never' | 'signed-out' | 'ended' = 'never';
  /** The session this tab was last seen in. Another tab's storage may arrive after its news. */
  let held: string | null = null;
  let starting = cookie;
  let pending: Promise<string | null> | null = null;
  let cancelTimer = () => {};

  const read = (): SessionState => {
    const kept = keeper.read();
    if (kept) {
      const { userId, sessionId, accessToken } = kept;
      held = sessionId;
      because = 'never';
      return { status: 'signed-in', userId, sessionId, accessToken, offline };
    }
    if (starting) return { status: 'starting' };
    // Another tab has emptied the storage, and its news of why is still on the way.
    const untold = because === 'never' && held !== null;
    return { status: 'signed-out', because: untold ? 'ended' : because };
  };

  let seen = read();
  /** The same object until something changes: React's `useSyncExternalStore` compares by identity. */
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
    for (const listen of listeners) listen(now);
  };

  const keepDevice = (deviceToken: string | null) => {
    if (deviceToken !== null) keeper.writeDevice(deviceToken);
  };

  const post = (message: TabMessage) => channel?.postMessage(message);

  const plan = (at: number) => {
    cancelTimer();
    cancelTimer = clock.after(Math.max(0, at - clock.now()), () => {
      const kept = keeper.read();
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
    keeper.write(kept);
    post({ kind: 'tokens', kept: keeper.shared ? null : kept });
    return adopt(kept);
  };

  const forget = (why: 'signed-out' | 'ended' | 'never') => {
    turn += 1;
    starting = false;
    offline = false;
    because = why;
    cancelTimer();
    keeper.write(null);
    publish();
  };

  const renew = async (refused: string | null): Promise<string | null> => {
    if (locks && channel && !keeper.shared) await pause(clock, NEWS_TIME);
    const before = keeper.read();
    if (!before && !starting) return null;
    // Another tab was here while this one waited.
    if (before && before.accessToken !== refused && clock.now() < before.dueAt) {
      return adopt(before);
    }
    const started = turn;
    const outcome = await exchange(transport, clock, before?.refreshToken ?? null);
    const now = keeper.read();
    if (turn !== started || now?.accessToken !== before?.accessToken) {
      publish();
      return now?.accessToken ?? null;
    }
    if (outcome.kind === 'renewed') return take(keep(outcome.signedIn, outcome.askedAt));
    forget(before ? 'ended' : 'never');
    if (before) post({ kind: 'signed-out', because: 'ended', sessionId: before.sessionId });
    return null;
  };

  const refresh = (refused: string | null = keeper.read()?.accessToken ?? null) => {
    pending ??= (locks ? locks.request(name, () => renew(refused)) : renew(refused))
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

  /** Nobody waits for it: a failure is published as `offline`, and planned again. */
  const refreshUnasked = () => {
    refresh().catch((error: unknown) => {
      if (!(error instanceof UnreachableError)) throw error;
    });
  };

  const getAccessToken = async () => {
    const kept = keeper.read();
    if (!kept && !starting) {
      publish();
      return null;
    }
    if (kept && clock.now() < (offline ? kept.overAt : kept.dueAt)) return kept.accessToken;
    try {
      return await refresh(kept?.accessToken ?? null);
    } catch (error) {
      if (kept && error instanceof UnreachableError && clock.now() < kept.overAt) {
        return kept.accessToken;
      }
      throw error;
    }
  };

  channel?.addEventListener('message', ({ data }) => {
    const message = data as TabMessage;
    const kept = keeper.read();
    if (message.kind === 'hello') {
      if (kept && !keeper.shared) post({ kind: 'tokens', kept });
    } else if (message.kind === 'signed-out') {
      // News of a session this tab has left for another is no news.
      const mine = kept?.sessionId ?? (because === 'never' ? held : null);
      if (mine === message.sessionId) forget(message.because);
    } else {
      if (message.kept && (!kept || kept.dueAt <= message.kept.dueAt)) keeper.write(message.kept);
      const current = keeper.read();
      if (current) adopt(current);
    }
  });
  const stopOnline = onOnline(() => {
    if (offline) refreshUnasked();
  });
  const kept = keeper.read();
  if (kept) adopt(kept);
  else if (!keeper.shared) post({ kind: 'hello' });

  return {
    state,
    subscribe: (listen) => {
      listeners.add(listen);
      return () => listeners.delete(listen);
    },
    getAccessToken,
    refresh,
    peek: () => {
      const kept = keeper.read();
      return kept && clock.now() < kept.dueAt ? kept.accessToken : null;
    },
    signIn: (signedIn) => {
      turn += 1;
      keepDevice(signedIn.deviceToken ?? null);
      take(keep(signedIn, clock.now()));
    },
    signOut: async () => {
      const last = keeper.read();
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
    deviceToken: () => keeper.readDevice(),
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
    close: () => {
      cancelTimer();
      stopOnline();
      channel?.close();
      listeners.clear();
    },
  };

  /** The logout needs a token that is good; one that is over is exchanged a last time. */
  async function end(last: Kept | null): Promise<{ readonly revoked: boolean }> {
    let accessToken = last && clock.now() < last.overAt ? last.accessToken : null;
    if (accessToken === null) {
      const outcome = await exchange(transport, clock, last?.refreshToken ?? null);
      if (outcome.kind === 'refused') return { revoked: true };
      accessToken = outcome.signedIn.accessToken;
    }
    const { data, errors } = await transport({ query: LOGOUT, accessToken });
    return { revoked: !errors && data !== null && data !== undefined };
  }
}
