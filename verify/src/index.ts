export { authenticateHeader } from './bearer.ts';
export type { AccessTokenClaims } from './claims.ts';
export { KeysUnavailableError } from './keys.ts';
export { AccessTokenRefusedError, type Refusal, type RefusalReason } from './refusal.ts';
export {
  customClaims,
  ForbiddenError,
  requireNotImpersonated,
  requirePermission,
  requireRole,
} from './roles.ts';
export { createVerifier, type Verifier, type VerifierOptions } from './verifier.ts';
