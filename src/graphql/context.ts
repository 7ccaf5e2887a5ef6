import type { Session } from '../db/tables/session.ts';
import type { User } from '../db/tables/user.ts';
import type { Deps } from '../deps.ts';
import type { Client } from '../kernel/ports.ts';

/** Who is asking: a live session and its person, both read for this request. */
export type Authentication = { readonly user: User; readonly session: Session };

/** What every resolver is given. */
export type RequestContext = {
  readonly deps: Deps;
  readonly client: Client;
  readonly deadline: {
    /** Aborted when the client hung up or the operation's time is over (GQ-14). */
    readonly signal: AbortSignal;
  };
  /** The bearer's live session, read once a request; null when there is none. */
  authentication(): Promise<Authentication | null>;
  /**
   * True when somebody is signed in.
   *
   * @throws MfaEnrollmentRequiredError when the session still owes a second factor (MFA_REQUIRED)
   */
  isAdmitted(): Promise<boolean>;
  /**
   * True when the session's proof is fresh enough for a sensitive act, false when nobody is signed
   * in.
   *
   * @throws StepUpRequiredError when it is signed in and too old (SE-6)
   */
  hasSteppedUp(): Promise<boolean>;
  /** The refresh cookie of cookie mode; does nothing when the mode is off. */
  readonly refreshCookie: TokenCookie;
  /** The device token's, likewise. */
  readonly deviceCookie: TokenCookie;
};

/** The door between outcomes and Set-Cookie (REFRESH_COOKIE). */
export type TokenCookie = {
  /** True when the token travels in the cookie and never in a body. */
  readonly enabled: boolean;
  /** The presented token; null when there is none or the request may come from another site. */
  read(): string | null;
  write(token: string, expiresAt: Date): void;
  clear(): void;
};
