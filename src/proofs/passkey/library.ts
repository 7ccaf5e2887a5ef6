/**
 * The WebAuthn library, imported by the first ceremony that needs it: a server that starts does not wait for
 * it (ADR-0026).
 */
export async function webauthn() {
  return await import('@simplewebauthn/server');
}

/** Its readers of CBOR and COSE. */
export async function webauthnHelpers() {
  return await import('@simplewebauthn/server/helpers');
}
