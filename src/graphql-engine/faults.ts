import { GraphQLError, Kind } from 'graphql';
import {
  AppError,
  InvalidInputError,
  MissingPermissionError,
  NotAuthenticatedError,
  ServiceUnavailableError,
  StepUpRequiredError,
} from '../kernel/errors.ts';
import type { Log } from '../kernel/ports.ts';
import { ClientDisconnectedError } from './deadline.ts';
import { VariableError } from './variable-errors.ts';

/** Codes a client can branch on in `extensions.code` of a top-level error. They never change. */
export type FaultCode =
  | 'GRAPHQL_PARSE_FAILED'
  | 'GRAPHQL_VALIDATION_FAILED'
  | 'OPERATION_LIMIT_EXCEEDED'
  | 'OPERATION_RESOLUTION_FAILURE'
  | 'PERSISTED_QUERY_NOT_FOUND'
  | 'PERSISTED_QUERY_ONLY'
  | 'BAD_REQUEST'
  | 'METHOD_NOT_ALLOWED'
  | 'UNSUPPORTED_MEDIA_TYPE'
  | 'BAD_USER_INPUT'
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'STEP_UP_REQUIRED'
  | 'REFUSED'
  | 'CLIENT_DISCONNECTED'
  | 'SERVICE_UNAVAILABLE'
  | 'INTERNAL_SERVER_ERROR';

/** The part of an error that a client may see. */
export type Fault = {
  readonly code: FaultCode;
  readonly message: string;
  /** The HTTP status; 200 if the error leaves the rest of the result standing. */
  readonly status: number;
};

/**
 * Replaces an error by what a client may see of it (GQ-10): a fixed message and a stable code. The
 * message of an unexpected error may hold SQL or a host, so it goes to the log alone. graphql-js
 * quotes its input, which may be a password in the wrong place (GQ-9).
 */
export function faultOf(
  error: GraphQLError,
  { log, requestId }: { readonly log: Log; readonly requestId: string },
): Fault {
  const cause = rootOf(error);
  const own = cause instanceof GraphQLError ? requestFault(error) : null;
  if (own) return own;
  const fault = causeFault(cause);
  if (fault.code === 'INTERNAL_SERVER_ERROR') {
    log.error({ err: cause, requestId }, 'unexpected error');
  }
  if (fault.code === 'SERVICE_UNAVAILABLE') {
    log.warn({ err: cause, requestId }, 'service unavailable');
  }
  return fault;
}

/** The original error: GraphQL errors are wrapped in others on their way out of a resolver. */
function rootOf(error: GraphQLError): Error {
  const cause = error.originalError;
  if (cause instanceof GraphQLError) return rootOf(cause);
  return cause ?? error;
}

/** The fault of a request that GraphQL cannot run; null if the error shows a defect of this server. */
function requestFault(error: GraphQLError): Fault | null {
  const status = statusOf(error);
  switch (error.extensions['code']) {
    // The message is one of our own fixed texts.
    case 'OPERATION_LIMIT_EXCEEDED':
    case 'PERSISTED_QUERY_NOT_FOUND':
    case 'PERSISTED_QUERY_ONLY':
    case 'METHOD_NOT_ALLOWED':
      return { code: error.extensions['code'], message: error.message, status };
    case 'GRAPHQL_PARSE_FAILED':
      return {
        code: 'GRAPHQL_PARSE_FAILED',
        message: 'The document is not valid GraphQL.',
        status,
      };
    case 'GRAPHQL_VALIDATION_FAILED':
      return {
        code: 'GRAPHQL_VALIDATION_FAILED',
        message: isAboutValue(error)
          ? 'A value in the document is not of the expected type.'
          : error.message,
        status,
      };
    case 'OPERATION_RESOLUTION_FAILURE':
      return {
        code: 'OPERATION_RESOLUTION_FAILURE',
        message: 'The document has no such operation, or several and no name was given.',
        status,
      };
    case 'BAD_REQUEST':
      return { code: 'BAD_REQUEST', message: 'This is not a GraphQL request.', status };
  }
  if (error instanceof VariableError)
    return { code: 'BAD_USER_INPUT', message: error.message, status };
  if (error.path && !isAboutValue(error)) return null;
  return { code: 'BAD_USER_INPUT', message: 'A value does not fit its type.', status };
}

/** The status in the extensions of an error of Yoga's or of our own; 400 without one. */
function statusOf({ extensions: { http } }: GraphQLError): number {
  const isObject = typeof http === 'object' && http !== null;
  return isObject && 'status' in http ? Number(http.status) : 400;
}

/** The kinds of all value nodes end in `Value`. Names of fields and arguments come from the document. */
function isAboutValue({ nodes }: GraphQLError): boolean {
  return (nodes ?? []).some(
    ({ kind }) =>
      kind.endsWith('Value') ||
      kind === Kind.OBJECT_FIELD ||
      kind === Kind.ARGUMENT ||
      kind === Kind.VARIABLE,
  );
}

/** The fault of an error that a resolver threw. */
function causeFault(cause: Error): Fault {
  if (cause instanceof ServiceUnavailableError) {
    return { code: 'SERVICE_UNAVAILABLE', message: 'Try again in a moment.', status: 503 };
  }
  if (cause instanceof ClientDisconnectedError) {
    return { code: 'CLIENT_DISCONNECTED', message: cause.message, status: 499 };
  }
  const { message } = cause;
  if (cause instanceof InvalidInputError) return { code: 'BAD_USER_INPUT', message, status: 200 };
  if (cause instanceof NotAuthenticatedError)
    return { code: 'UNAUTHENTICATED', message, status: 200 };
  if (cause instanceof MissingPermissionError) return { code: 'FORBIDDEN', message, status: 200 };
  if (cause instanceof StepUpRequiredError)
    return { code: 'STEP_UP_REQUIRED', message, status: 200 };
  if (cause instanceof AppError) return { code: 'REFUSED', message, status: 200 };
  return { code: 'INTERNAL_SERVER_ERROR', message: 'Unexpected error.', status: 500 };
}
