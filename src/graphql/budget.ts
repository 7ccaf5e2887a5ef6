import SchemaBuilder, {
  BasePlugin,
  type FieldNullability,
  type InputFieldMap,
  type PothosOutputFieldConfig,
  type SchemaTypes,
  type TypeParam,
} from '@pothos/core';
import type { GraphQLFieldResolver } from 'graphql';
import type { Config } from '../config.ts';
import type { Client } from '../kernel/ports.ts';
import type { Budget, Charge } from '../kernel/rate-limit.ts';
import type { Authentication, RequestContext } from './context.ts';
import { requireViewer } from './viewer.ts';

/**
 * What bounds how much a mutation can make the server write, successes included (RL-14). Every
 * mutation names one: the option is required, and the schema does not build without it.
 */
export type FieldBudget = {
  /** The limits, by name; a test demands that each is one of the documented list. */
  readonly limits: readonly Budget[];
  /**
   * What a call counts toward before its resolver runs, whatever becomes of it. Left out where the
   * operation itself counts, with a statement that it sends anyway.
   */
  readonly charges?: (
    config: Pick<Config, 'mode' | 'rateLimits'>,
    viewer: Authentication,
    client: Client,
  ) => readonly Charge[];
};

/** Counts a signed-in mutation toward its budget, once it is authorized and its input is valid. */
class BudgetPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override onOutputFieldConfig(config: PothosOutputFieldConfig<Types>) {
    const budget = budgetOf(config);
    if (!budget) return config;
    const limits = budget.limits.map(({ name }) => name);
    return { ...config, extensions: { ...config.extensions, limits } };
  }

  override wrapResolve(
    resolver: GraphQLFieldResolver<unknown, Types['Context'], object>,
    config: PothosOutputFieldConfig<Types>,
  ): GraphQLFieldResolver<unknown, Types['Context'], object> {
    const charges = budgetOf(config)?.charges;
    if (!charges) return resolver;
    return async (source, args, context, info) => {
      // The one builder has this context; a plugin is written for any.
      const request = context as unknown as RequestContext;
      const { client, deadline, deps } = request;
      const viewer = await requireViewer(request);
      return await deps.throttle.act(
        charges(deps.config, viewer, client),
        { client, signal: deadline.signal },
        async () => await resolver(source, args, context, info),
      );
    };
  }
}

function budgetOf<Types extends SchemaTypes>(
  config: PothosOutputFieldConfig<Types>,
): FieldBudget | null {
  if (config.kind !== 'Mutation') return null;
  const { budget } = config.pothosOptions;
  if (!budget) throw new TypeError(`The mutation ${config.name} names no budget (RL-14).`);
  return budget;
}

/** The name under which the builder knows the plugin. */
export const BUDGET_PLUGIN = 'budget';

SchemaBuilder.registerPlugin(BUDGET_PLUGIN, BudgetPlugin);

declare global {
  export namespace PothosSchemaTypes {
    interface Plugins<Types extends SchemaTypes> {
      budget: BudgetPlugin<Types>;
    }

    interface MutationFieldOptions<
      Types extends SchemaTypes,
      Type extends TypeParam<Types>,
      Nullable extends FieldNullability<Type>,
      Args extends InputFieldMap,
      ResolveReturnShape,
    > {
      /** See {@link FieldBudget}. */
      budget: FieldBudget;
    }
  }
}
