import { GraphQLError } from 'graphql';
import {
  AppError,
  InvalidInputError,
  NotAuthenticatedError,
  ServiceUnavailableError,
} from '../kernel/errors.ts';
import type { Log } from '../kernel/ports.ts';
import { withoutValue } from './coercion.ts';

/** Codes a client can branch on in `extensions.code` of a top-level error. */
export type FaultCode =
  | 'BAD_USER_INPUT'
  | 'UNAUTHENTICATED'
  | 'REFUSED'
  | 'SERVICE_UNAVAILABLE'
  | 'INTERNAL_SERVER_ERROR';

/**
 * Turns whatever a resolver threw into what a client may see (GQ-10): fixed words, a stable code
 * and the request id. A fault's own message may hold SQL or a host, so it goes to the log alone.
 */
export function maskError(error: unknown, log: Log, requestId: string): GraphQLError {
  const graphqlError = error instanceof GraphQLError ? error : null;
  const cause = graphqlError ? graphqlError.originalError : error;
  // graphql-js's own: syntax, validation, coercion. No resolver of ours throws one.
  if (graphqlError && (!cause || cause instanceof GraphQLError)) return withoutValue(graphqlError);
  const { code, message, status } = faultOf(cause);
  if (code === 'INTERNAL_SERVER_ERROR') log.error({ err: cause, requestId }, 'unexpected error');
  if (code === 'SERVICE_UNAVAILABLE') log.warn({ err: cause, requestId }, 'service unavailable');
  return new GraphQLError(message, {
    ...(graphqlError?.nodes && { nodes: graphqlError.nodes }),
    ...(graphqlError?.path && { path: graphqlError.path }),
    extensions: { code, requestId, ...(status && { http: { status } }) },
  });
}

function faultOf(cause: unknown): { code: FaultCode; message: string; status?: number } {
  if (cause instanceof ServiceUnavailableError) {
    return { code: 'SERVICE_UNAVAILABLE', message: 'Try again in a moment.', status: 503 };
  }
  if (cause instanceof InvalidInputError) return { code: 'BAD_USER_INPUT', message: cause.message };
  if (cause instanceof NotAuthenticatedError) {
    return { code: 'UNAUTHENTICATED', message: cause.message };
  }
  if (cause instanceof AppError) return { code: 'REFUSED', message: cause.message };
  return { code: 'INTERNAL_SERVER_ERROR', message: 'Unexpected error.', status: 500 };
}
