/**
 * What the journeys know of a provider people sign in with: where to send the browser, and who
 * came back. The composition root fills it with OpenID Connect.
 */

/** The secrets of one round trip, ours to keep until the browser is back. */
export type RoundTrip = {
  readonly redirectUri: string;
  readonly state: string;
  readonly nonce: string;
  /** PKCE (RFC 7636), 43 characters. */
  readonly codeVerifier: string;
  /** The person must have signed in at the provider since then; null: any sign-in there will do. */
  readonly freshSince: Date | null;
};

/** Who somebody is, as their provider says after every check of OA-3. */
export type ProvenIdentity = {
  readonly issuer: string;
  readonly subject: string;
  /** In canonical form; null when the provider told none or no valid one. */
  readonly email: string | null;
  /** True only for the boolean `true`: text is no proof (OA-6). */
  readonly emailVerified: boolean;
  readonly name: string | null;
  /** When the person last proved who they are to the provider; null when it does not tell. */
  readonly authenticatedAt: Date | null;
};

/** A provider that is configured. It never starts a session and never mails. */
export type IdentityProvider = {
  readonly id: string;
  readonly name: string;
  readonly issuer: string;
  /** Where it may send the browser back to, to the letter. */
  readonly redirectUris: readonly string[];
  /** Where to send the browser. @throws OAuthFailedError when the provider cannot be reached */
  authorizationUrl(trip: RoundTrip): Promise<string>;
  /**
   * Exchanges the code of the callback and judges what comes back. Within five seconds it has
   * ended, one way or the other (OA-9).
   *
   * @throws OAuthFailedError
   */
  identify(trip: RoundTrip, callbackUrl: string): Promise<ProvenIdentity>;
};

/** The configured providers. */
export type IdentityProviders = { find(id: string): IdentityProvider | null };
