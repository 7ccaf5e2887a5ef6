import type { Operation } from './operation.ts';
import type { Channel, Clock, Locks } from './ports.ts';
import type { AsyncStorage, SyncStorage } from './storage.ts';
import type { SignedInTokens } from './tokens.ts';
import type { Transport } from './transport.ts';

/** Whether somebody is signed in. */
export type SessionState =
  /** The cookie has not been tried yet, or an asynchronous storage has not been read yet. */
  | { readonly status: 'starting' }
  | {
      readonly status: 'signed-in';
      readonly userId: string | null;
      readonly sessionId: string | null;
      readonly accessToken: string;
      /** True while a refresh fails because no response arrives. The session has not ended. */
      readonly offline: boolean;
    }
  | {
      readonly status: 'signed-out';
      /** `ended` means that the server ended the session, for example because it was revoked or expired. */
      readonly because: 'never' | 'signed-out' | 'ended';
    };

/** Options of `createSession`. */
export type SessionOptions = (
  | { readonly endpoint: string | URL; readonly transport?: never }
  | { readonly transport: Transport; readonly endpoint?: never }
) & {
  /**
   * Where tokens are stored. With `cookie`, the refresh token is in a cookie that no script can read, and the
   * rest is in memory (this needs the server's REFRESH_COOKIE). With `memory`, the default, tokens are lost
   * when the page is left. With `localStorage`, any script of the page can read them. Or pass a storage of your
   * own, such as React Native's AsyncStorage.
   */
  readonly storage?: 'memory' | 'cookie' | 'localStorage' | SyncStorage | AsyncStorage;
  /**
   * Called with an error that the storage threw, such as a QuotaExceededError. The session continues from
   * memory. Tokens that could not be stored are lost when the page is left.
   */
  readonly onStorageError?: (error: unknown) => void;
  /** Separates sessions of the same origin: the name of the storage key, the lock and the channel. */
  readonly name?: string;
  readonly clock?: Clock;
  /** `navigator.locks` by default; null for none. */
  readonly locks?: Locks | null;
  /** A `BroadcastChannel` by default; null for none. */
  readonly channel?: Channel | null;
};

/** Keeps one person signed in, across all tabs. */
export type Session = {
  /**
   * The current state. It is the same object until the state changes, as React's `useSyncExternalStore`
   * requires.
   */
  state(): SessionState;
  /**
   * Calls `listen` on every change of the state.
   *
   * @returns a function that stops the calls
   */
  subscribe(listen: (state: SessionState) => void): () => void;
  /**
   * A valid access token; null if nobody is signed in. If a refresh is due, it starts in the background and the
   * current token is returned. If the current token has expired, the call waits for the refresh.
   *
   * @throws UnreachableError if the current token has expired and no response arrived
   */
  getAccessToken(): Promise<string | null>;
  /**
   * An access token other than `refused`, which a server rejected; null if the session has ended.
   *
   * @throws UnreachableError if no response arrived
   */
  refresh(refused?: string): Promise<string | null>;
  /** A valid access token without waiting; null if `getAccessToken` would have to wait. */
  peek(): string | null;
  /** Stores the tokens of a completed sign-in, for every tab. */
  signIn(signedIn: SignedInTokens): void;
  /**
   * Removes the tokens in every tab, then ends the session on the server.
   *
   * @returns `revoked: false` if the server could not be reached. In cookie mode the cookie is then still
   *   there, and the person should know.
   */
  signOut(): Promise<{ readonly revoked: boolean }>;
  /**
   * The token that keeps this device from being locked out by strangers who guess the password. Send it with
   * `login`.
   */
  deviceToken(): string | null;
  /**
   * Stores the device token of `resetPassword`, which does not sign in. Null, as in cookie mode, is ignored.
   */
  keepDevice(deviceToken: string | null): void;
  /**
   * Sends a typed operation, with the access token if somebody is signed in.
   *
   * @throws FaultError for a top-level error
   * @throws UnreachableError if no response arrived
   */
  execute<Result, Variables>(
    operation: Operation<Result, Variables>,
    ...variables: Record<string, never> extends Variables ? [Variables?] : [Variables]
  ): Promise<Result>;
  /**
   * Sends a typed operation without the access token, even if somebody is signed in. `startOAuth` needs this to
   * sign in again: with an access token it links the provider.
   *
   * @throws FaultError for a top-level error
   * @throws UnreachableError if no response arrived
   */
  executeAnonymously<Result, Variables>(
    operation: Operation<Result, Variables>,
    ...variables: Record<string, never> extends Variables ? [Variables?] : [Variables]
  ): Promise<Result>;
  /** Releases timers and listeners. The person stays signed in. */
  close(): void;
};
