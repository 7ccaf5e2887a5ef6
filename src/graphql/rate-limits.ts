import SchemaBuilder, {
  BasePlugin,
  type FieldNullability,
  type InputFieldMap,
  type PothosOutputFieldConfig,
  type SchemaTypes,
  type TypeParam,
} from '@pothos/core';
import type { GraphQLFieldResolver } from 'graphql';
import type { Limit, LimitRule } from '../kernel/rate-limit.ts';
import type { RequestContext } from './context.ts';

/**
 * The rate limits of a mutation. They bound how much it makes the server write, and they count successes as
 * well (RL-14). The option is required: without it, the schema does not build.
 */
export type FieldLimits<Context extends RequestContext = RequestContext> = {
  /** The rules, for the documentation: a test requires that each is in the documented list. */
  readonly rules: readonly LimitRule[];
  /**
   * The limits that a call counts toward before its resolver runs, whatever its outcome is. Left out if
   * the operation counts the call itself, in a statement that it sends anyway.
   */
  readonly limits?: (context: Context) => Promise<readonly Limit[]>;
};

/** Counts a mutation of a signed-in caller toward its limits, once it is authorized and its input is valid. */
class RateLimitPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override onOutputFieldConfig(config: PothosOutputFieldConfig<Types>) {
    const declared = limitsOf(config);
    if (!declared) return config;
    const limits = declared.rules.map(({ name }) => name);
    return { ...config, extensions: { ...config.extensions, limits } };
  }

  override wrapResolve(
    resolver: GraphQLFieldResolver<unknown, Types['Context'], object>,
    config: PothosOutputFieldConfig<Types>,
  ): GraphQLFieldResolver<unknown, Types['Context'], object> {
    const limits = limitsOf(config)?.limits;
    if (!limits) return resolver;
    return async (source, args, context, info) => {
      // Both builders have this context; a plugin is written for any.
      const request = context as unknown as RequestContext;
      const { client, deadline, deps } = request;
      return await deps.rateLimiter.countAndRun(
        await limits(request),
        { client, signal: deadline.signal },
        async () => await resolver(source, args, context, info),
      );
    };
  }
}

function limitsOf<Types extends SchemaTypes>(
  config: PothosOutputFieldConfig<Types>,
): FieldLimits | null {
  if (config.kind !== 'Mutation') return null;
  const { rateLimits } = config.pothosOptions;
  if (!rateLimits) throw new TypeError(`The mutation ${config.name} names no rate limits (RL-14).`);
  return rateLimits;
}

/** The name under which the builder knows the plugin. */
export const RATE_LIMIT_PLUGIN = 'rateLimits';

SchemaBuilder.registerPlugin(RATE_LIMIT_PLUGIN, RateLimitPlugin);

declare global {
  export namespace PothosSchemaTypes {
    interface Plugins<Types extends SchemaTypes> {
      rateLimits: RateLimitPlugin<Types>;
    }

    interface MutationFieldOptions<
      Types extends SchemaTypes,
      Type extends TypeParam<Types>,
      Nullable extends FieldNullability<Type>,
      Args extends InputFieldMap,
      ResolveReturnShape,
    > {
      /** See {@link FieldLimits}. */
      rateLimits: FieldLimits<Types['Context'] & RequestContext>;
    }
  }
}
