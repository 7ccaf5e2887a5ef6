import SchemaBuilder from '@pothos/core';
import DirectivePlugin from '@pothos/plugin-directives';
import ErrorsPlugin from '@pothos/plugin-errors';
import ScopeAuthPlugin from '@pothos/plugin-scope-auth';
import ZodPlugin from '@pothos/plugin-zod';
import type { ZodError } from 'zod';
import { type InputIssue, InvalidInputError, NotAuthenticatedError } from '../kernel/errors.ts';
import type { RequestContext } from './context.ts';
import { RATE_LIMIT_PLUGIN } from './rate-limits.ts';

/**
 * The schema builder. It has no configuration and no connection, so the schema can be printed without an
 * environment. The order of the plugins matters: errors is outermost, so that failed authorization and invalid
 * input are both returned as members of the result union. Rate limits come last, so that neither is counted.
 */
export const builder = new SchemaBuilder<{
  Context: RequestContext;
  DefaultFieldNullability: false;
  DefaultInputFieldRequiredness: false;
  /**
   * `signedIn` and `stepUp` reject a session that has not proven the second factor that this server requires.
   * `enroll` and `enrollStepUp` accept it, and are used only where that factor is set up or proven. All four reject
   * an administrator who acts as the person (IM-2). `signOut` accepts every session.
   */
  AuthScopes: {
    signedIn: boolean;
    stepUp: boolean;
    enroll: boolean;
    enrollStepUp: boolean;
    signOut: boolean;
  };
  Directives: { requiresStepUp: { locations: 'FIELD_DEFINITION'; args: Record<string, never> } };
  Scalars: {
    DateTime: { Input: never; Output: Date };
    EmailAddress: { Input: string; Output: string };
    URL: { Input: string; Output: string };
    Locale: { Input: string; Output: string };
    JSONObject: {
      Input: Readonly<Record<string, unknown>>;
      Output: Readonly<Record<string, unknown>>;
    };
    PasskeyCreationOptions: { Input: never; Output: object };
    PasskeyRequestOptions: { Input: never; Output: object };
  };
}>({
  plugins: [ErrorsPlugin, ScopeAuthPlugin, ZodPlugin, RATE_LIMIT_PLUGIN, DirectivePlugin],
  defaultFieldNullability: false,
  scopeAuth: {
    authScopes: (context) => ({
      signedIn: async () => (await context.isSignedIn()) && (await context.isOwner()),
      stepUp: async () => (await context.isSignedIn()) && (await context.hasSteppedUp()),
      enroll: () => context.isOwner(),
      enrollStepUp: () => context.hasSteppedUp(),
      signOut: async () => (await context.authentication()) !== null,
    }),
    unauthorizedError: () => new NotAuthenticatedError(),
  },
  zod: { validationError: (error) => new InvalidInputError(issuesOf(error)) },
});

/** Keeps the path and the rule's own fixed text. zod's messages may quote the value (GQ-9). */
export function issuesOf(error: ZodError): InputIssue[] {
  return error.issues.map((issue) => ({
    path: issue.path.map(String),
    message: issue.code === 'custom' ? issue.message : 'This value is not valid.',
  }));
}

builder.queryType({ description: 'Read-only operations.' });
builder.mutationType({
  description:
    'Operations that change something. Every mutation returns a union: branch on `__typename`. Only faults are top-level errors.',
});
