import type { Operation } from './operation.ts';
import type { Channel, Clock, Locks } from './ports.ts';
import type { AsyncStorage, SyncStorage } from './storage.ts';
import type { SignedInTokens } from './tokens.ts';
import type { Transport } from './transport.ts';

/** Whether somebody is signed in. */
export type SessionState =
  /** Before the cookie was tried, or an asynchronous storage was read. */
  | { readonly status: 'starting' }
  | {
      readonly status: 'signed-in';
      readonly userId: string | null;
      readonly sessionId: string | null;
      readonly accessToken: string;
      /** True while refreshing fails for want of an answer. Not the end of the session. */
      readonly offline: boolean;
    }
  | {
      readonly status: 'signed-out';
      /** `ended`: by the server's word, as after a revocation or in time. */
      readonly because: 'never' | 'signed-out' | 'ended';
    };

/** What a session keeper is made with. */
export type SessionOptions = (
  | { readonly endpoint: string | URL; readonly transport?: never }
  | { readonly transport: Transport; readonly endpoint?: never }
) & {
  /**
   * Where tokens are kept. `cookie`: the refresh token where no script can read it, the rest in
   * memory (the server's REFRESH_COOKIE); `memory`, the default: until the page is left;
   * `localStorage`, which any script of the page can read; or a storage of your own, such as React
   * Native's AsyncStorage.
   */
  readonly storage?: 'memory' | 'cookie' | 'localStorage' | SyncStorage | AsyncStorage;
  /**
   * Called with what the storage threw, such as a QuotaExceededError. The session goes on from
   * memory; what could not be stored is lost when the page is left.
   */
  readonly onStorageError?: (error: unknown) => void;
  /** Tells sessions of one origin apart: the name of the storage key, the lock and the channel. */
  readonly name?: string;
  readonly clock?: Clock;
  /** `navigator.locks` unless given; null for none. */
  readonly locks?: Locks | null;
  /** A `BroadcastChannel` unless given; null for none. */
  readonly channel?: Channel | null;
};

/** Keeps one person signed in, over every tab. */
export type Session = {
  /** The same object until it changes, as React's `useSyncExternalStore` wants it. */
  state(): SessionState;
  /** Calls `listen` at every change. @returns how to stop */
  subscribe(listen: (state: SessionState) => void): () => void;
  /**
   * A token that is good now, waiting for a refresh only where there is none; null when nobody is
   * signed in. Where a refresh is due, it begins, and the token there is serves until it is done.
   *
   * @throws UnreachableError when the one there is is over and no answer came
   */
  getAccessToken(): Promise<string | null>;
  /**
   * A token other than `refused`, which a server would not take; null when the session is over.
   *
   * @throws UnreachableError
   */
  refresh(refused?: string): Promise<string | null>;
  /** A token that is good now, without waiting; null where `getAccessToken` would have to ask. */
  peek(): string | null;
  /** Takes the tokens of a completed sign-in, in every tab. */
  signIn(signedIn: SignedInTokens): void;
  /**
   * Forgets the tokens in every tab, then ends the session.
   *
   * @returns `revoked: false` when the server could not be told: in cookie mode the cookie is
   *   still there, and the person should be
   */
  signOut(): Promise<{ readonly revoked: boolean }>;
  /** What lets this device past a lock that strangers caused; send it with `login`. */
  deviceToken(): string | null;
  /** Keeps the device token of `resetPassword`, which signs nobody in. Null, as in cookie mode, is nothing. */
  keepDevice(deviceToken: string | null): void;
  /**
   * Sends a typed operation, signed in where somebody is.
   *
   * @throws FaultError for a top-level error, UnreachableError when no answer came
   */
  execute<Result, Variables>(
    operation: Operation<Result, Variables>,
    ...variables: Record<string, never> extends Variables ? [Variables?] : [Variables]
  ): Promise<Result>;
  /** Lets go of timers and listeners; the person stays signed in. */
  close(): void;
};
