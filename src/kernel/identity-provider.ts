/**
 * What operations know of an identity provider: where to send the browser, and who came back. The composition
 * root implements it with OpenID Connect and with OAuth 2.0.
 */

/** The secrets of one OAuth flow, kept by this server until the browser returns. */
export type AuthorizationRequest = {
  readonly redirectUri: string;
  readonly state: string;
  readonly nonce: string;
  /** The PKCE code verifier (RFC 7636), 43 characters. */
  readonly codeVerifier: string;
  /** The person must have signed in at the provider after this time. Null accepts any sign-in there. */
  readonly freshSince: Date | null;
};

/** A person's identity as the provider states it, after every check of OA-3. */
export type ProvenIdentity = {
  readonly issuer: string;
  readonly subject: string;
  /** In canonical form; null if the provider reported none or an invalid one. */
  readonly email: string | null;
  /** True only for the boolean `true`: text is not a proof (OA-6). */
  readonly emailVerified: boolean;
  /** True for an address of a relay, which the provider made for this application (AP-3). */
  readonly isRelayed: boolean;
  readonly name: string | null;
  /** When the person last authenticated at the provider; null if it does not report it. */
  readonly authenticatedAt: Date | null;
};

/** A configured provider. It never starts a session and never sends mail. */
export type IdentityProvider = {
  readonly id: string;
  readonly name: string;
  readonly issuer: string;
  /** The URIs that the provider may send the browser back to, compared character by character. */
  readonly redirectUris: readonly string[];
  /**
   * The URL to send the browser to.
   *
   * @throws OAuthFailedError if the provider cannot be reached
   */
  authorizationUrl(request: AuthorizationRequest): Promise<string>;
  /**
   * Exchanges the code of the callback and validates the response. It ends within five seconds (OA-9).
   *
   * @throws OAuthFailedError
   */
  identify(request: AuthorizationRequest, callbackUrl: string): Promise<ProvenIdentity>;
};

/** The configured providers. */
export type IdentityProviders = { find(id: string): IdentityProvider | null };
