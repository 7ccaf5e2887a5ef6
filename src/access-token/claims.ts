import * as z from 'zod';
import { SECOND } from '../kernel/duration.ts';
import { isId } from '../kernel/id.ts';
import { MAX_TOKEN_LIFETIME } from './timeline.ts';

/** The only client, which RFC 9068 2.2 requires to be named. */
export const CLIENT_ID = 'latchkey';

/**
 * The audience of a session that must still set up a second factor (MFA_REQUIRED): this server alone.
 * A service that checks `aud`, as RFC 9068 4 requires, refuses the token.
 */
export function enrollmentAudience(issuer: string): string {
  return `${issuer}/mfa-enrollment`;
}

/** The type of access tokens (RFC 9068 2.1), which distinguishes them from other JWTs (TK-5). */
export const TOKEN_TYPE = 'at+jwt';

/** How many seconds the clock of another instance may be ahead (TK-4). */
const TOLERANCE_SECONDS = 30;

const id = z.string().refine(isId);
const seconds = z.int().nonnegative();

/** Every claim but those of roles and `act` is required (TK-3). This server never issues `nbf`, but honors it. */
const Payload = z.object({
  iss: z.string(),
  aud: z.string(),
  sub: id,
  client_id: z.literal(CLIENT_ID),
  sid: id,
  jti: z.string().regex(/^[A-Za-z0-9_-]{22}$/),
  iat: seconds,
  nbf: seconds.optional(),
  exp: seconds,
  auth_time: seconds,
  amr: z.array(z.string().min(1)).min(1),
  epoch: z.int().positive(),
  /** Absent from the tokens of a release before roles. */
  claims_version: z.int().positive().optional(),
  /** RFC 9068 2.2.3.1. For other services: this server reads roles from the database (CL-4). */
  roles: z.array(z.string()).optional(),
  /** The administrator who acts as the person (RFC 8693 4.1). For other services: this server reads the session. */
  act: z.object({ sub: id }).optional(),
});

/** The claims of an access token, as they are encoded. */
export type Payload = z.infer<typeof Payload>;

/** @returns null if the payload is not that of an access token for this audience by this issuer */
export function readPayload(
  json: unknown,
  expected: { readonly issuer: string; readonly audience: string },
): Payload | null {
  const { success, data } = Payload.safeParse(json);
  if (!success || data.iss !== expected.issuer) return null;
  const audiences = [expected.audience, enrollmentAudience(expected.issuer)];
  if (!audiences.includes(data.aud)) return null;
  const lifetime = (data.exp - data.iat) * SECOND;
  return lifetime > 0 && lifetime <= MAX_TOKEN_LIFETIME ? data : null;
}

/**
 * True if a token is valid now. Its end is exact: a client refreshes an expired token, and a stolen
 * one gets no extra time. Its beginning may lie ahead by the clock skew of another instance (TK-4).
 */
export function isTimely(payload: Pick<Payload, 'iat' | 'nbf' | 'exp'>, now: Date): boolean {
  const begin = Math.max(payload.iat, payload.nbf ?? 0) - TOLERANCE_SECONDS;
  return now.getTime() >= begin * SECOND && now.getTime() < payload.exp * SECOND;
}
