import { GraphQLError } from 'graphql';
import type { OperationContext } from '../graphql-engine/context.ts';
import type { Engine, OperationParams } from '../graphql-engine/engine.ts';
import { type ResponseFormat, respond } from '../graphql-engine/respond.ts';
import type { HttpRequest, HttpResponse } from './exchange.ts';

/** A door to the engine. The direct path returns null for a request that it leaves to Yoga. */
export type Door<Left extends null = never> = (
  request: HttpRequest,
  context: OperationContext,
  format: ResponseFormat,
) => Promise<HttpResponse | Left>;

/**
 * The direct path to the engine, for a POST whose body is a well-formed request: a JSON object of
 * the members there are, each of its own type. It reads the body and sends the response, and decides
 * nothing. Yoga reads every other request, and says what is wrong with a malformed one
 * (ADR-0012).
 */
export function createDirectPath(engine: Engine): Door<null> {
  const texts = new Set(['query', 'operationName', ...engine.extraParams]);
  return async (request, context, format) => {
    const params = readParams(request.body, texts);
    if (!params) return null;
    const resolved = engine.resolve(params);
    if (!(resolved instanceof GraphQLError) && typeof resolved.query !== 'string') return null;
    const result =
      resolved instanceof GraphQLError
        ? { errors: [resolved] }
        : await engine.run(resolved, context);
    const { status, contentType, body } = respond(result, format, context);
    return { status, headers: { 'content-type': contentType }, body };
  };
}

/** The members of a body, each of its own type (GraphQL over HTTP, 5.1); null if it is malformed. */
function readParams(body: Buffer, texts: ReadonlySet<string>): OperationParams | null {
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

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return null;
  }
}
