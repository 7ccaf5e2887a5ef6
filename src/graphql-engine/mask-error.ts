import { GraphQLError, Kind } from 'graphql';
import {
  AppError,
  InvalidInputError,
  NotAuthenticatedError,
  ServiceUnavailableError,
} from '../kernel/errors.ts';
import type { Log } from '../kernel/ports.ts';
import { VariableError } from './coercion.ts';
import { ClientGoneError } from './deadline.ts';

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
  | 'REFUSED'
  | 'CLIENT_GONE'
  | 'SERVICE_UNAVAILABLE'
  | 'INTERNAL_SERVER_ERROR';

type Fault = { readonly code: FaultCode; readonly message: string; readonly status?: number };

type MaskOptions = {
  readonly log: Log;
  readonly requestId: string;
  /** The client wants plain `application/json`, in which a refused variable is a 200 (audit 7B9B). */
  readonly asksForJson: boolean;
};

/**
 * Turns whatever went wrong into what a client may see (GQ-10): fixed words, a stable code and the
 * request id. A fault's own message may hold SQL or a host, so it goes to the log alone; graphql-js
 * quotes what it was sent, which may be a password in the wrong place (GQ-9).
 */
export function maskError(
  error: unknown,
  { log, requestId, asksForJson }: MaskOptions,
): GraphQLError {
  const graphqlError = error instanceof GraphQLError ? error : null;
  const cause = graphqlError ? rootOf(graphqlError) : error;
  if (graphqlError && cause instanceof GraphQLError) {
    const own = ownWords(graphqlError);
    if (own) return rewrite(graphqlError, own, { requestId, asksForJson });
  }
  const fault = faultOf(cause);
  if (fault.code === 'INTERNAL_SERVER_ERROR') {
    log.error({ err: cause, requestId }, 'unexpected error');
  }
  if (fault.code === 'SERVICE_UNAVAILABLE') {
    log.warn({ err: cause, requestId }, 'service unavailable');
  }
  return new GraphQLError(fault.message, {
    ...(graphqlError?.nodes && { nodes: graphqlError.nodes }),
    ...(graphqlError?.path && { path: graphqlError.path }),
    extensions: {
      code: fault.code,
      requestId,
      ...(fault.status && { http: { status: fault.status } }),
    },
  });
}

/** True when something went wrong beneath GraphQL: the words of such an error are always fixed. */
export function isFault(error: GraphQLError): boolean {
  return !(rootOf(error) instanceof GraphQLError);
}

/** What began it: GraphQL errors are wrapped in others on their way out of a resolver. */
function rootOf(error: GraphQLError): Error {
  const cause = error.originalError;
  if (cause instanceof GraphQLError) return rootOf(cause);
  return cause ?? error;
}

/** The answer to an error of GraphQL's own making; null for one that says this server is broken. */
function ownWords(error: GraphQLError): Fault | null {
  switch (error.extensions['code']) {
    // Ours, in fixed words.
    case 'OPERATION_LIMIT_EXCEEDED':
    case 'PERSISTED_QUERY_NOT_FOUND':
    case 'PERSISTED_QUERY_ONLY':
      return { code: error.extensions['code'], message: error.message };
    case 'GRAPHQL_PARSE_FAILED':
      return { code: 'GRAPHQL_PARSE_FAILED', message: 'The document is not valid GraphQL.' };
    case 'GRAPHQL_VALIDATION_FAILED':
      return {
        code: 'GRAPHQL_VALIDATION_FAILED',
        message: isAboutValue(error)
          ? 'A value in the document is not of the expected type.'
          : error.message,
      };
    case 'OPERATION_RESOLUTION_FAILURE':
      return {
        code: 'OPERATION_RESOLUTION_FAILURE',
        message: 'The document has no such operation, or several and no name was given.',
      };
    case 'BAD_REQUEST':
      return { code: 'BAD_REQUEST', message: 'This is not a GraphQL request.' };
  }
  if (error instanceof VariableError) return { code: 'BAD_USER_INPUT', message: error.message };
  if (error.path && !isAboutValue(error)) return null;
  return { code: 'BAD_USER_INPUT', message: 'A value does not fit its type.' };
}

/** Every value's node ends so; field and argument names come from the document and may be told. */
function isAboutValue({ nodes }: GraphQLError): boolean {
  return (nodes ?? []).some(
    ({ kind }) =>
      kind.endsWith('Value') ||
      kind === Kind.OBJECT_FIELD ||
      kind === Kind.ARGUMENT ||
      kind === Kind.VARIABLE,
  );
}

/**
 * What the specification wants as 200 when the client asks for application/json (GraphQL over HTTP,
 * 6.4.1). What was never looked at as an operation keeps its 400.
 */
const ANSWERED_AS_200: ReadonlySet<FaultCode> = new Set<FaultCode>([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
]);

/** Keeps where it was and how it is answered over HTTP; nothing else of the original is safe. */
function rewrite(
  error: GraphQLError,
  { code, message }: Fault,
  { requestId, asksForJson }: Omit<MaskOptions, 'log'>,
): GraphQLError {
  const http = error.extensions['http'] ?? { status: 400 };
  const spec = asksForJson && ANSWERED_AS_200.has(code);
  return new GraphQLError(message, {
    ...(error.nodes && { nodes: error.nodes }),
    ...(error.source && { source: error.source }),
    ...(error.positions && { positions: error.positions }),
    ...(error.path && { path: error.path }),
    extensions: { code, requestId, http: { ...http, spec } },
  });
}

function faultOf(cause: unknown): Fault {
  if (cause instanceof ServiceUnavailableError) {
    return { code: 'SERVICE_UNAVAILABLE', message: 'Try again in a moment.', status: 503 };
  }
  if (cause instanceof ClientGoneError) {
    return { code: 'CLIENT_GONE', message: cause.message, status: 499 };
  }
  if (cause instanceof InvalidInputError) return { code: 'BAD_USER_INPUT', message: cause.message };
  if (cause instanceof NotAuthenticatedError) {
    return { code: 'UNAUTHENTICATED', message: cause.message };
  }
  if (cause instanceof AppError) return { code: 'REFUSED', message: cause.message };
  return { code: 'INTERNAL_SERVER_ERROR', message: 'Unexpected error.', status: 500 };
}
