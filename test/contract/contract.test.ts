import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  buildSchema,
  type GraphQLSchema,
  isIntrospectionType,
  isSpecifiedScalarType,
  print,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import { printAdminApi, printApi } from '../../src/graphql-engine/print-schema.ts';
import { factsOf } from './facts.ts';

const read = (file: string) => readFileSync(join(import.meta.dirname, file), 'utf8');

/** Members that every union may have (rule 4) are in no union of a contract's. */
const EVERYWHERE = [
  'InputIssue',
  'InvalidInputError',
  'NotAuthenticatedError',
  'RateLimitedError',
  'StepUpRequiredError',
];

const ADMIN = { sdl: read('contract.admin.graphql'), printed: printAdminApi() };

describe.each([
  {
    api: 'public',
    sdl: read('contract.graphql'),
    printed: printApi(),
    everywhere: [...EVERYWHERE, 'ReauthenticationMethod', 'ServerBusyError'],
  },
  { api: 'administrators’', ...ADMIN, everywhere: EVERYWHERE },
])('the $api API', ({ sdl, printed, everywhere }) => {
  const contract = buildSchema(sdl);
  const ours = new Map(factsOf(buildSchema(printed)).facts.map(({ at, is }) => [at, is]));

  test('everything clients were promised is there, as it was promised', () => {
    const promised = factsOf(contract).facts;
    expect(promised.length).toBeGreaterThan(100);
    const broken = promised
      .filter(({ at, is }) => ours.get(at) !== is)
      .map(({ at, is }) => ({ at, promised: is, is: ours.get(at) ?? 'missing' }));
    expect(broken).toEqual([]);
  });

  test('the walk misses nothing of the contract', () => {
    const reached = new Set([...factsOf(contract).types, ...everywhere]);
    const all = Object.values(contract.getTypeMap()).filter(
      (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
    );
    expect(all.map(({ name }) => name).filter((name) => !reached.has(name))).toEqual([]);
  });

  test('the errors that every union may have are as promised', () => {
    const fields = everywhere.map((name) => `  everywhere${name}: ${name}`).join('\n');
    const factsEverywhere = (of: string) =>
      factsOf(buildSchema(`${of}\nextend type Query {\n${fields}\n}`)).facts.filter(({ at }) =>
        everywhere.some((name) => at === name || at.startsWith(`${name}.`)),
      );
    const built = new Map(factsEverywhere(printed).map(({ at, is }) => [at, is]));
    const broken = factsEverywhere(sdl).filter(({ at, is }) => built.get(at) !== is);
    expect(broken).toEqual([]);
  });
});

test('each root field of the administrators’ API requires the permission that was promised', () => {
  const built = new Map(permissionsOf(buildSchema(ADMIN.printed)));
  const promised = permissionsOf(buildSchema(ADMIN.sdl));
  expect(promised.length).toBeGreaterThan(30);
  expect(promised.filter(([at, is]) => built.get(at) !== is)).toEqual([]);
});

/** The root fields, each with its directive as it is written. */
function permissionsOf(schema: GraphQLSchema): readonly (readonly [string, string])[] {
  return [schema.getQueryType(), schema.getMutationType()].flatMap((root) =>
    Object.values(root?.getFields() ?? {}).map(
      ({ name, astNode }) => [name, (astNode?.directives ?? []).map(print).join(' ')] as const,
    ),
  );
}
