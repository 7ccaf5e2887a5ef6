import { type GraphQLSchema, getNullableType, isUnionType } from 'graphql';
import type { OperationContext } from '../http/context.ts';

/** What a mutation came to: its field and the name of the union's member. */
export type FieldOutcome = { readonly field: string; readonly outcome: string };

/**
 * Notes which member each mutation answers with, for the request log and the metrics. Reads the
 * value itself, so it works whatever the client selected. The mutation after it reads its viewer
 * anew (SE-9).
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
  // Pothos hands errors on behind a proxy that is no instance of Error any more.
  return 'name' in result ? String(result.name) : 'unknown';
}
