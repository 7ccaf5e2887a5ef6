import { execute, type GraphQLSchema, parse } from 'graphql';
import type { AdminContext } from '../admin/context.ts';
import type { Deps } from '../deps.ts';
import type { TokenCookie } from '../graphql/context.ts';
import { createHashQueue } from '../hash-queue/queue.ts';
import { newId } from '../kernel/id.ts';
import { NO_METER } from '../kernel/meter.ts';
import { createIdentityProviders } from '../proofs/oauth/providers.ts';
import { createHasher } from '../proofs/password/hasher.ts';
import { createRateLimiter } from '../rate-limit/limiter.ts';
import { ADMIN_PERMISSION_NAMES } from '../role/permissions.ts';
import type { CommandTerminal } from './command.ts';
import { operatorOf } from './operator.ts';
import { type CommandDeps, withDatabase } from './with-database.ts';

/** The administrators' API for the duration of a command. */
export type Administration = {
  readonly schema: GraphQLSchema;
  /**
   * Executes an operation.
   *
   * @throws the error of the first field that failed
   */
  readonly ask: <Data>(
    document: string,
    variables: Readonly<Record<string, unknown>>,
  ) => Promise<Data>;
};

/**
 * Opens the administrators' schema in this process, without a server and without HTTP. What a command prints is
 * therefore what the API answers, field by field.
 */
export async function withAdministration<Result>(
  terminal: CommandTerminal,
  work: (administration: Administration) => Promise<Result>,
): Promise<Result> {
  built ??= buildSchema();
  const schema = await built;
  return await withDatabase(terminal, async (deps) => {
    const contextValue = contextOf(deps, operatorOf(terminal));
    return await work({
      schema,
      async ask<Data>(document: string, variables: Readonly<Record<string, unknown>>) {
        const variableValues = { ...variables };
        const result = await execute({
          ...{ schema, document: parse(document), contextValue, variableValues },
        });
        const [error] = result.errors ?? [];
        if (error) throw error.originalError ?? error;
        return result.data as Data;
      },
    });
  });
}

let built: Promise<GraphQLSchema> | undefined;

/** The other commands do not wait for this schema. */
async function buildSchema(): Promise<GraphQLSchema> {
  const { createAdminSchema } = await import('../admin/schema.ts');
  return createAdminSchema({ sorted: false });
}

/** The context of an operation whose caller is the operator. */
function contextOf(deps: CommandDeps, operator: string): AdminContext {
  const caller = {
    ...({ kind: 'COMMAND_LINE', id: operator, name: operator } as const),
    permissions: new Set(ADMIN_PERMISSION_NAMES),
  };
  return {
    deps: completed(deps),
    client: { ipAddress: null, userAgent: null, requestId: newId(deps) },
    deadline: { signal: new AbortController().signal },
    caller: async () => caller,
    authentication: async () => null,
    isSignedIn: async () => false,
    isOwner: async () => false,
    hasSteppedUp: async () => false,
    refreshCookie: NO_COOKIE,
    deviceCookie: NO_COOKIE,
  };
}

const NO_COOKIE: TokenCookie = {
  enabled: false,
  read: () => null,
  write: () => undefined,
  clear: () => undefined,
};

/** The parts that a resolver may ask for. Nothing here starts a timer or a worker. */
function completed(deps: CommandDeps): Deps {
  const { config, clock, random, keyring } = deps;
  const { memoryKib, iterations, hashConcurrency, hashQueue: capacity } = config.password;
  const hashQueue = createHashQueue({ concurrency: hashConcurrency, capacity });
  const peppers = keyring.keys('password-pepper');
  const meter = NO_METER;
  return {
    ...{ ...deps, meter, hashQueue, breachCheck: null, mailAnswerTime: 0 },
    hasher: createHasher({ memoryKib, iterations, random, queue: hashQueue, peppers }),
    identityProviders: createIdentityProviders({ config, clock, tracer: null }),
    rateLimiter: createRateLimiter({
      ...{ ...deps, meter, onClosed: async () => undefined },
      deferredRefunds: { add: () => undefined, stop: () => undefined },
    }),
    accessTokenKeys: { signingKey: refuse, verificationKey: () => undefined, published: refuse },
    accessTokenVerifier: { verify: () => null },
    // The outbox of a running server looks for new mails by itself.
    outbox: { wake: () => undefined },
  };
}

/** A command issues no tokens. */
function refuse(): never {
  throw new TypeError('A command has no signing keys.');
}
