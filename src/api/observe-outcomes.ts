import { type GraphQLSchema, getNullableType, isUnionType } from 'graphql';

/** What a mutation came to: its field and the name of the union's member. */
export type FieldOutcome = { readonly field: string; readonly outcome: string };

/**
 * Reports which member each mutation answers with, for the request log and the metrics. Reads the
 * value itself, so it works whatever the client selected.
 *
 * @param report is given the execution context of the request
 */
export function observeOutcomes(
  schema: GraphQLSchema,
  report: (context: unknown, outcome: FieldOutcome) => void,
): GraphQLSchema {
  const fields = schema.getMutationType()?.getFields() ?? {};
  for (const field of Object.values(fields)) {
    const resolve = field.resolve;
    if (!resolve || !isUnionType(getNullableType(field.type))) continue;
    field.resolve = async (source, args, context, info) => {
      const result: unknown = await resolve(source, args, context, info);
      report(context, { field: field.name, outcome: nameOf(result) });
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
