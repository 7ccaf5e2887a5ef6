import type { ExecutionResult } from 'graphql';
import { getOperationAST } from 'graphql';
import type { OperationContext } from '../http/context.ts';
import type { HttpAnswer, HttpRequest } from '../http/exchange.ts';
import type { Operations } from './graphql-server.ts';
import { oversizedParams } from './operation-limits.ts';
import { runOperation } from './run-operation.ts';
import { trustedQuery } from './trusted-documents.ts';
import { wordFaults } from './word-faults.ts';

/**
 * Answers the plain case without Yoga, of what the route takes: a document with nothing wrong, a result without
 * errors or with faults alone. It decides nothing: whatever is unusual in the least is null here and
 * Yoga's to judge, and a result with other errors is Yoga's to word; the operation is not run again
 * for that (ADR-0012).
 */
export function createFastLane({ schema, documents, trusted }: Operations) {
  const texts = new Set(['query', 'operationName', ...(trusted ? ['documentId'] : [])]);
  return async (request: HttpRequest, context: OperationContext): Promise<HttpAnswer | null> => {
    const type = ANSWERED_AS.get(request.headers.get('accept') ?? '*/*');
    const params = type ? readParams(request.body, texts) : null;
    if (!params || oversizedParams(params)) return null;
    const query = trusted ? trustedQuery(trusted, params) : params.query;
    const document = typeof query === 'string' ? documents.approved(query) : undefined;
    const { operationName } = params;
    if (!document || !getOperationAST(document, operationName)) return null;
    const variableValues = params.variables ?? {};
    const result = await settled(
      runOperation({ schema, document, contextValue: context, variableValues, operationName }),
    );
    if (!result) return null;
    const { requestId } = context.client;
    const worded = result.errors
      ? wordFaults(result, { log: context.deps.log, requestId })
      : { status: 200, body: JSON.stringify(result) };
    return worded && { ...worded, headers: { 'content-type': `${type}; charset=utf-8` } };
  };
}

const JSON_TYPE = 'application/json';
const RESPONSE_TYPE = 'application/graphql-response+json';

/** What the usual clients accept, word for word, and what Yoga answers them with. */
const ANSWERED_AS: ReadonlyMap<string, string> = new Map([
  ['*/*', JSON_TYPE],
  [JSON_TYPE, JSON_TYPE],
  ['application/json, text/plain, */*', JSON_TYPE],
  [RESPONSE_TYPE, RESPONSE_TYPE],
  [`${RESPONSE_TYPE}, ${JSON_TYPE}`, RESPONSE_TYPE],
  [`${RESPONSE_TYPE},${JSON_TYPE};q=0.9`, RESPONSE_TYPE],
]);

type Params = {
  readonly query?: unknown;
  readonly variables?: Readonly<Record<string, unknown>> | null;
  readonly operationName?: string | null;
  readonly extensions?: object | null;
};

/** A body of exactly the members there are, each of its own type (GraphQL over HTTP, 5.1). */
function readParams(body: Buffer, texts: ReadonlySet<string>): Params | null {
  const params = parseJson(body);
  if (!isPlainObject(params)) return null;
  for (const name in params) {
    const value = params[name];
    if (value === null) continue;
    if (name === 'variables' || name === 'extensions') {
      if (!isPlainObject(value)) return null;
    } else if (!texts.has(name) || typeof value !== 'string') return null;
  }
  return params;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Why it is no JSON is Yoga's to say. */
function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return null;
  }
}

/** What it was rejected with stays with the operation, where Yoga finds it. */
async function settled(run: Promise<ExecutionResult>): Promise<ExecutionResult | null> {
  try {
    return await run;
  } catch {
    return null;
  }
}
