import { type GraphQLSchema, getNullableType, isUnionType } from 'graphql';
import type { Tracer } from '../kernel/ports.ts';
import type { OperationContext } from './context.ts';

/**
 * Records which member each mutation answers with, for the request log and the metrics. It reads the
 * value itself, so it works whatever the client selected. A mutation that follows in the same
 * operation reads its viewer again (SE-9).
 */
export function observeOutcomes(schema: GraphQLSchema): GraphQLSchema {
  const fields = schema.getMutationType()?.getFields() ?? {};
  for (const field of Object.values(fields)) {
    const resolve = field.resolve;
    if (!resolve || !isUnionType(getNullableType(field.type))) continue;
    field.resolve = async (source, args, context: OperationContext, info) => {
      const result: unknown = await resolve(source, args, context, info);
      context.forgetViewer();
      context.observed.outcomes.push({ field: field.name, outcome: nameOf(result) });
      return result;
    };
  }
  return schema;
}

function nameOf(result: unknown): string {
  if (typeof result !== 'object' || result === null) return 'unknown';
  if ('kind' in result) return String(result.kind);
  // Pothos passes errors on as proxies, which are not instances of Error.
  return 'name' in result ? String(result.name) : 'unknown';
}

/**
 * Times every root field and names the request's trace after it. The name of an operation is the
 * client's text: it is reported only if every document is trusted.
 */
export function traceRootFields(
  schema: GraphQLSchema,
  tracer: Tracer,
  { trustsNames }: { readonly trustsNames: boolean },
): GraphQLSchema {
  for (const type of [schema.getQueryType(), schema.getMutationType()]) {
    for (const field of Object.values(type?.getFields() ?? {})) {
      const { name, resolve } = field;
      if (!resolve) continue;
      field.resolve = (source, args, context, info) => {
        const kind = info.operation.operation;
        const operation = trustsNames ? info.operation.name?.value : undefined;
        tracer.asked(kind, operation ?? name);
        const attributes = { 'graphql.operation.type': kind };
        return tracer.span(name, attributes, async () => resolve(source, args, context, info));
      };
    }
  }
  return schema;
}
