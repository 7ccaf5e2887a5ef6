import { type ExecutionResult, GraphQLError } from 'graphql';
import type { OperationContext } from './context.ts';
import { type FaultCode, faultOf } from './faults.ts';

const JSON_TYPE = 'application/json';
const RESPONSE_TYPE = 'application/graphql-response+json';

/** How a result is written: its media type, and the meaning of its status. */
export type ResponseFormat = {
  readonly type: typeof JSON_TYPE | typeof RESPONSE_TYPE;
  /**
   * True if the client asked for `application/json` by name. The status of such a response is 200
   * unless the request was not understood at all (GraphQL over HTTP, 6.4.1; audit 7B9B).
   */
  readonly isLenient: boolean;
};

/** A result as it is sent. */
export type EngineResponse = {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
};

const PLAIN: ResponseFormat = { type: JSON_TYPE, isLenient: false };
const LENIENT: ResponseFormat = { type: JSON_TYPE, isLenient: true };
const STRICT: ResponseFormat = { type: RESPONSE_TYPE, isLenient: false };

/** The Accept headers of common clients, exactly as they send them. */
const USUAL: ReadonlyMap<string, ResponseFormat> = new Map([
  ['*/*', PLAIN],
  [JSON_TYPE, LENIENT],
  ['application/json, text/plain, */*', LENIENT],
  [RESPONSE_TYPE, STRICT],
  [`${RESPONSE_TYPE}, ${JSON_TYPE}`, STRICT],
  [`${RESPONSE_TYPE},${JSON_TYPE};q=0.9`, STRICT],
]);

/**
 * Chooses the media type by the Accept header: the first range that names one of the two, in any
 * case, in UTF-8. Quality values are not compared. A range of a stream is passed over: every response
 * is whole (GQ-15).
 *
 * @returns null if the client accepts neither type (406)
 */
export function responseFormat(accept: string | null): ResponseFormat | null {
  return USUAL.get(accept || '*/*') ?? negotiate(accept ?? '');
}

function negotiate(accept: string): ResponseFormat | null {
  const ranges = accept.replace(/\s/g, '').toLowerCase().split(',');
  for (const range of ranges) {
    const [type = '', ...parameters] = range.split(';');
    const charset = parameters.find((parameter) => parameter.includes('charset='));
    if (charset !== undefined && charset !== 'charset=utf-8') continue;
    if (type === RESPONSE_TYPE) return STRICT;
    if (type === JSON_TYPE || type === 'application/*' || type === '*/*')
      return accept.includes(JSON_TYPE) ? LENIENT : PLAIN;
  }
  return null;
}

/** Faults whose status is 200 in a lenient response. A request that is not understood keeps its 400. */
const LENIENT_CODES: ReadonlySet<FaultCode> = new Set<FaultCode>([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
]);

/**
 * Writes a result. No error leaves the server without having passed here (GQ-10): of an error, a
 * response holds the fixed message, the code, the request id and the place in the document.
 */
export function respond(
  { data, errors = [] }: ExecutionResult,
  { type, isLenient }: ResponseFormat,
  { deps: { log }, client: { requestId } }: Pick<OperationContext, 'deps' | 'client'>,
): EngineResponse {
  const contentType = `${type}; charset=utf-8`;
  if (errors.length === 0) return { status: 200, contentType, body: JSON.stringify({ data }) };
  let status = 200;
  const masked = errors.map((error) => {
    const fault = faultOf(error, { log, requestId });
    if (!isLenient || !LENIENT_CODES.has(fault.code)) status = Math.max(status, fault.status);
    const { message, code } = fault;
    const { nodes, source, positions, path } = error;
    const extensions = { code, requestId };
    return new GraphQLError(message, { nodes, source, positions, path, extensions });
  });
  const body = JSON.stringify({ ...(data !== undefined && { data }), errors: masked });
  return { status, contentType, body };
}
