import type { Caller } from '../administrator/caller.ts';
import type { RequestContext } from '../graphql/context.ts';
import { NotAuthenticatedError } from '../kernel/errors.ts';
import type { Limit } from '../kernel/rate-limit.ts';
import { administrationLimits } from '../rate-limit/limits.ts';
import type { AdminPermission } from '../role/permissions.ts';
import type { AdminRequest } from './transaction.ts';

/** The context of the resolvers of the administrators' schema. */
export type AdminContext = RequestContext & {
  /** The caller, identified once a request; null for a stranger. */
  caller(): Promise<Caller | null>;
};

/** @throws NotAuthenticatedError for a stranger */
export async function requireCaller(context: AdminContext): Promise<Caller> {
  const caller = await context.caller();
  if (!caller) throw new NotAuthenticatedError();
  return caller;
}

/** The request of a mutation, for the transaction that checks its permission again. */
export async function adminRequest(
  context: AdminContext,
  permission: AdminPermission,
  reason?: string,
): Promise<AdminRequest> {
  const caller = await requireCaller(context);
  return { caller, permission, client: context.client, ...(reason !== undefined && { reason }) };
}

/** The limits of a mutation, by its caller (RL-14). */
export async function limitsOfCaller(context: AdminContext): Promise<readonly Limit[]> {
  const { id } = await requireCaller(context);
  return administrationLimits(context.deps.config, id);
}
