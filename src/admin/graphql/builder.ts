import SchemaBuilder from '@pothos/core';
import DirectivePlugin from '@pothos/plugin-directives';
import ErrorsPlugin from '@pothos/plugin-errors';
import ScopeAuthPlugin from '@pothos/plugin-scope-auth';
import ZodPlugin from '@pothos/plugin-zod';
import { type Access, requirePermission } from '../../administrator/caller.ts';
import { issuesOf } from '../../graphql/builder.ts';
import { type FieldLimits, RATE_LIMIT_PLUGIN } from '../../graphql/rate-limits.ts';
import { InvalidInputError, NotAuthenticatedError } from '../../kernel/errors.ts';
import type { LimitRule } from '../../kernel/rate-limit.ts';
import { RULES } from '../../rate-limit/rules.ts';
import type { AdminPermission } from '../../role/permissions.ts';
import { type AdminContext, limitsOfCaller } from '../context.ts';

/**
 * The builder of the administrators' schema: another instance with the plugins of the public one, in the same order.
 * Nothing that is defined here can appear in the public schema (AD-1).
 */
export const builder = new SchemaBuilder<{
  Context: AdminContext;
  DefaultFieldNullability: false;
  DefaultInputFieldRequiredness: false;
  AuthScopes: Record<Access, AdminPermission>;
  Directives: {
    requiresPermission: { locations: 'FIELD_DEFINITION'; args: { permission: AdminPermission } };
  };
  Scalars: {
    DateTime: { Input: Date; Output: Date };
    EmailAddress: { Input: string; Output: string };
    URL: { Input: string; Output: string };
    Locale: { Input: string; Output: string };
    JSONObject: {
      Input: Readonly<Record<string, unknown>>;
      Output: Readonly<Record<string, unknown>>;
    };
  };
}>({
  plugins: [ErrorsPlugin, ScopeAuthPlugin, ZodPlugin, RATE_LIMIT_PLUGIN, DirectivePlugin],
  defaultFieldNullability: false,
  scopeAuth: {
    authScopes: (context) => {
      const guard = (access: Access) => async (permission: AdminPermission) => {
        requirePermission(context.deps, await context.caller(), permission, access);
        return true;
      };
      return { read: guard('read'), write: guard('write') };
    },
    unauthorizedError: () => new NotAuthenticatedError(),
  },
  zod: { validationError: (error) => new InvalidInputError(issuesOf(error)) },
});

builder.queryType({
  description:
    'Read-only operations. A caller without the permission of a field gets a top-level error with the code UNAUTHENTICATED, FORBIDDEN or STEP_UP_REQUIRED, and no data.',
});
builder.mutationType({
  description:
    'Operations that change something. Every mutation returns a union: branch on `__typename`. Each of them is recorded in the audit log with its caller.',
});

/** Options of a query, or of a field below one, that requires a permission. */
export function readable<const P extends AdminPermission>(permission: P) {
  return {
    authScopes: { read: permission },
    directives: { requiresPermission: { permission } },
  };
}

/**
 * Options of a mutation that requires a permission.
 *
 * @param own rules that the operation itself counts in addition
 */
export function writable<const P extends AdminPermission>(
  permission: P,
  ...own: readonly LimitRule[]
) {
  const rateLimits: FieldLimits<AdminContext> = {
    rules: [RULES.administration, ...own],
    limits: limitsOfCaller,
  };
  return {
    authScopes: { write: permission },
    directives: { requiresPermission: { permission } },
    rateLimits,
  };
}
