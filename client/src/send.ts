import type { Operation } from './operation.ts';
import {
  type Transport,
  type TransportAnswer,
  type TransportError,
  withUnreachableError,
} from './transport.ts';

/**
 * A bug, an outage, or an operation that the server rejected as a whole. An action of the person never causes
 * it.
 */
export class FaultError extends Error {
  override readonly name = 'FaultError';
  /** The error's `extensions.code`, such as SERVICE_UNAVAILABLE. */
  readonly code: string | null;
  /** Identifies the request in the server's log. */
  readonly requestId: string | null;

  constructor(error: TransportError) {
    super(error.message);
    this.code = text(error.extensions?.['code']);
    this.requestId = text(error.extensions?.['requestId']);
  }
}

/**
 * Sends one typed operation over a transport.
 *
 * @returns the value of the operation's root field
 * @throws FaultError for a top-level error
 * @throws UnreachableError if no response arrived
 */
export async function send<Result, Variables>(
  transport: Transport,
  operation: Operation<Result, Variables>,
  variables: Variables | undefined,
  accessToken: string | null = null,
): Promise<Result> {
  const request = { query: operation, variables: variables ?? {}, accessToken };
  return resultOf(operation, await withUnreachableError(transport)(request));
}

/**
 * The value of the one root field of a response.
 *
 * @throws FaultError for a top-level error
 */
export function resultOf<Result, Variables>(
  _operation: Operation<Result, Variables>,
  { data, errors }: TransportAnswer,
): Result {
  if (errors?.[0]) throw new FaultError(errors[0]);
  return Object.values(data ?? {})[0] as Result;
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
