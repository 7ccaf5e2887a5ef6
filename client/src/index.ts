export { match, UnknownOutcomeError } from './match.ts';
export type { Operation } from './operation.ts';
export type { Channel, Clock, Locks } from './ports.ts';
export { FaultError, send } from './send.ts';
export { createSession } from './session.ts';
export type { Session, SessionOptions, SessionState } from './session-types.ts';
export type { AsyncStorage, SyncStorage } from './storage.ts';
export type { SignedInTokens } from './tokens.ts';
export {
  CSRF_HEADER,
  createTransport,
  type Transport,
  type TransportAnswer,
  type TransportError,
  type TransportRequest,
  UnreachableError,
} from './transport.ts';
