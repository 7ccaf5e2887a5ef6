import { randomBytes } from 'node:crypto';
import {
  type GraphQLField,
  type GraphQLOutputType,
  getNamedType,
  isInterfaceType,
  isObjectType,
  isRequiredArgument,
} from 'graphql';
import { expect } from 'vitest';
import { createAdminSchema, FIELDS_OF_ANY_CALLER } from '../../src/admin/schema.ts';
import { DAY, HOUR } from '../../src/kernel/duration.ts';
import { ADMIN_PERMISSION_NAMES, type AdminPermission } from '../../src/role/permissions.ts';
import { countAll } from '../../src/statistics/count.ts';
import { examples } from '../graphql-engine/schema-inputs.ts';
import {
  adminToken,
  grant,
  proveSecondFactor,
  signUpAdministrator,
} from '../support/administrators.ts';
import { createFakeClock } from '../support/clock.ts';
import { testWithServer } from '../support/fixture.ts';
import { signUp } from '../support/journeys.ts';
import { latchkey } from '../support/latchkey.ts';
import type { TestServer } from '../support/server.ts';

const clock = createFakeClock();
const test = testWithServer({ clock, env: { IMPERSONATION: 'true' } });

type Root = {
  readonly name: string;
  readonly kind: 'query' | 'mutation';
  readonly permission: AdminPermission;
  readonly document: string;
  readonly variables: object;
};

const schema = createAdminSchema();

/** Every root field but those of any caller, with the permission that its directive names. */
const ROOTS: readonly Root[] = (['query', 'mutation'] as const).flatMap((kind) => {
  const type = kind === 'query' ? schema.getQueryType() : schema.getMutationType();
  return Object.values(type?.getFields() ?? {})
    .filter(({ name }) => !FIELDS_OF_ANY_CALLER.includes(`${type?.name}.${name}`))
    .map((field) => ({
      kind,
      name: field.name,
      ...permissionOf(field),
      ...operationOf(kind, field),
    }));
});

function permissionOf({ name, extensions }: GraphQLField<unknown, unknown>) {
  const directives = (extensions['directives'] ?? []) as { name: string; args: object }[];
  const found = directives.find((one) => one.name === 'requiresPermission');
  if (!found || !('permission' in found.args)) throw new Error(`${name} requires no permission.`);
  return found.args as { permission: AdminPermission };
}

/** Every leaf that can be reached without arguments, three levels deep. */
function selectionOf(type: GraphQLOutputType, depth = 3): string {
  const named = getNamedType(type);
  if (!isObjectType(named) && !isInterfaceType(named)) return '{ __typename }';
  const fields = Object.values(named.getFields()).flatMap((field) => {
    if (field.args.some(isRequiredArgument)) return [];
    const inner = getNamedType(field.type);
    if (!isObjectType(inner)) return [field.name];
    return depth > 0 ? [`${field.name} ${selectionOf(inner, depth - 1)}`] : [];
  });
  return `{ __typename ${fields.join(' ')} }`;
}

function operationOf(kind: string, field: GraphQLField<unknown, unknown>) {
  const args = field.args.filter(isRequiredArgument);
  const given = args.map((arg) => `$${arg.name}: ${arg.type}`).join(', ');
  const passed = args.map((arg) => `${arg.name}: $${arg.name}`).join(', ');
  const selection = kind === 'query' ? selectionOf(field.type) : '{ __typename }';
  return {
    document: `${kind} ${given && `(${given})`} { ${field.name}${passed && `(${passed})`} ${selection} }`,
    variables: Object.fromEntries(args.map((arg) => [arg.name, examples(arg.type, arg.name)[0]])),
  };
}

/** The error that a caller gets for a field, or `passed`. Anything but null as data of a refused query fails. */
async function outcomeOf(server: TestServer, root: Root, token: string | undefined) {
  const { data, errors, text } = await server.admin(root.document, root.variables, { token });
  if (root.kind === 'mutation') {
    const outcome: string = data[root.name].__typename;
    return OUTCOMES[outcome] ?? 'passed';
  }
  const code = errors[0]?.extensions?.['code'];
  if (code === undefined) return 'passed';
  // A field that may be null takes the place of `data` itself.
  expect(
    Object.values(data ?? {}).filter((value) => value !== null),
    text,
  ).toEqual([]);
  return String(code);
}

/** What no admin token may do, whatever its permissions (IM-1). */
const PEOPLE_ONLY: readonly string[] = ['impersonateUser'];

/** The outcomes of mutations in the words of the errors of queries. */
const OUTCOMES: Readonly<Record<string, string>> = {
  NotAuthenticatedError: 'UNAUTHENTICATED',
  ForbiddenError: 'FORBIDDEN',
  StepUpRequiredError: 'STEP_UP_REQUIRED',
};

type NoCaller = {
  readonly who: string;
  readonly answer: string;
  readonly token: (server: TestServer) => Promise<string | undefined>;
};

/** Callers who may do nothing, and what each field answers to them. */
const CALLERS: readonly NoCaller[] = [
  { who: 'a stranger', answer: 'UNAUTHENTICATED', token: async () => undefined },
  {
    who: 'a forged token',
    answer: 'UNAUTHENTICATED',
    token: async () => `lka_${randomBytes(32).toString('base64url')}`,
  },
  {
    who: 'an expired token',
    answer: 'UNAUTHENTICATED',
    token: async (server) => {
      const { token } = await adminToken(server, ADMIN_PERMISSION_NAMES, { lifetime: 1 });
      clock.advance(1);
      return token;
    },
  },
  {
    who: 'a revoked token',
    answer: 'UNAUTHENTICATED',
    token: async (server) => {
      const { id, token } = await adminToken(server, ADMIN_PERMISSION_NAMES);
      await server.admin('{ caller { name } }', {}, { token });
      await latchkey(`admin-tokens revoke ${id}`, { config: server.app.deps.config });
      return token;
    },
  },
  {
    who: 'a person who has signed out',
    answer: 'UNAUTHENTICATED',
    token: async (server) => {
      const { accessToken: token } = await signUpAdministrator(server);
      await server.graphql('mutation { logout { __typename } }', {}, { token });
      return token;
    },
  },
  {
    who: 'a token without permission',
    answer: 'FORBIDDEN',
    token: async (server) => (await adminToken(server, [])).token,
  },
  {
    who: 'a person without a role',
    answer: 'FORBIDDEN',
    token: async (server) => {
      const person = await signUp(server);
      await proveSecondFactor(server, person);
      return person.accessToken;
    },
  },
  {
    who: 'a person whose role was just taken',
    answer: 'FORBIDDEN',
    token: async (server) => {
      const person = await signUpAdministrator(server);
      const { errors } = await server.admin(
        '{ roles { name } }',
        {},
        { token: person.accessToken },
      );
      expect(errors).toEqual([]);
      await latchkey(`admins revoke ${person.email}`, { config: server.app.deps.config });
      return person.accessToken;
    },
  },
  {
    who: 'an administrator without a second factor',
    answer: 'STEP_UP_REQUIRED',
    token: async (server) => {
      const person = await signUp(server);
      await grant(server, person);
      return person.accessToken;
    },
  },
  {
    who: 'an administrator whose second factor is 12 hours old',
    answer: 'STEP_UP_REQUIRED',
    token: async (server) => {
      const person = await signUpAdministrator(server);
      await proveSecondFactor(server, person, new Date(clock.now().getTime() - 12 * HOUR - 1));
      return person.accessToken;
    },
  },
];

test.for(CALLERS)(
  'AD-2: $who gets no data from any field',
  async ({ answer, token }, { server }) => {
    const presented = await token(server);
    const outcomes = await Promise.all(
      ROOTS.map(async (root) => [root.name, await outcomeOf(server, root, presented)] as const),
    );
    expect(ROOTS.length).toBeGreaterThan(5);
    expect(outcomes.filter(([, outcome]) => outcome !== answer)).toEqual([]);
  },
);

test('AD-2: each field requires exactly its own permission', async ({ server }) => {
  for (const root of ROOTS) {
    const others = ADMIN_PERMISSION_NAMES.filter((one) => one !== root.permission);
    const without = await adminToken(server, others);
    expect(await outcomeOf(server, root, without.token), root.name).toBe('FORBIDDEN');
  }
});

test('AD-2: the walk would notice: whoever may do everything passes every guard', async ({
  server,
}) => {
  const machine = await adminToken(server, ADMIN_PERMISSION_NAMES, { lifetime: DAY });
  const person = await signUpAdministrator(server);
  // Before their first count there are no totals to answer.
  await countAll(server.app.deps, { batches: 0 });
  for (const token of [machine.token, person.accessToken]) {
    for (const root of ROOTS) {
      const isForPeople = token === machine.token && PEOPLE_ONLY.includes(root.name);
      expect(await outcomeOf(server, root, token), root.name).toBe(
        isForPeople ? 'FORBIDDEN' : 'passed',
      );
    }
  }
});
