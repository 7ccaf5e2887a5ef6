import type { GraphQLSchema } from 'graphql';
import type { Tracer } from '../kernel/ports.ts';

/**
 * Times every root field, and names the request by them. Names an operation brings along are the
 * client's text: they are told only where every document is trusted.
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
