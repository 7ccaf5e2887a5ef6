import type { Session } from '../db/tables/session.ts';
import type { User } from '../db/tables/user.ts';
import type { Deps } from '../deps.ts';
import type { Client } from '../kernel/ports.ts';

/** The active session of a request and its person, both read for this request. */
export type Authentication = { readonly user: User; readonly session: Session };

/** The context of every resolver. */
export type RequestContext = {
  readonly deps: Deps;
  readonly client: Client;
  readonly deadline: {
    /** Aborted when the client disconnects or the operation's deadline passes (GQ-14). */
    readonly signal: AbortSignal;
  };
  /** The active session of the bearer token, read once a request; null if there is none. */
  authentication(): Promise<Authentication | null>;
  /**
   * True if somebody is signed in.
   *
   * @throws MfaEnrollmentRequiredError if the session has not proven the second factor that MFA_REQUIRED
   *   requires
   */
  isSignedIn(): Promise<boolean>;
  /**
   * True if somebody is signed in, as themselves.
   *
   * @throws ImpersonatedSessionError if an administrator acts as the person (IM-2)
   */
  isOwner(): Promise<boolean>;
  /**
   * True if the session has authenticated recently enough for a sensitive operation, false if nobody is signed
   * in.
   *
   * @throws StepUpRequiredError if the session is signed in but its authentication is too old (SE-6)
   */
  hasSteppedUp(): Promise<boolean>;
  /** The refresh cookie of cookie mode. Does nothing if the mode is off. */
  readonly refreshCookie: TokenCookie;
  /** The cookie of the device token. Does nothing if cookie mode is off. */
  readonly deviceCookie: TokenCookie;
};

/** Reads and writes one cookie (REFRESH_COOKIE). */
export type TokenCookie = {
  /** True if the token is sent in the cookie and never in a body. */
  readonly enabled: boolean;
  /** The presented token; null if there is none or the request may come from another site. */
  read(): string | null;
  write(token: string, expiresAt: Date): void;
  clear(): void;
};
