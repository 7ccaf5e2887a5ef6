import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema, isIntrospectionType, isSpecifiedScalarType } from 'graphql';
import { expect, test } from 'vitest';
import { printApi } from '../../src/graphql-engine/print-schema.ts';
import { factsOf } from './facts.ts';

const CONTRACT = readFileSync(join(import.meta.dirname, 'contract.graphql'), 'utf8');
const contract = buildSchema(CONTRACT);
const ours = new Map(factsOf(buildSchema(printApi())).facts.map(({ at, is }) => [at, is]));

test('everything clients were promised is there, as it was promised', () => {
  const promised = factsOf(contract).facts;
  expect(promised.length).toBeGreaterThan(100);
  const broken = promised
    .filter(({ at, is }) => ours.get(at) !== is)
    .map(({ at, is }) => ({ at, promised: is, is: ours.get(at) ?? 'missing' }));
  expect(broken).toEqual([]);
});

/** Members that every union may have (rule 4) are in no union of the contract's. */
const EVERYWHERE = [
  'InputIssue',
  'InvalidInputError',
  'NotAuthenticatedError',
  'RateLimitedError',
  'ReauthenticationMethod',
  'ServerBusyError',
  'StepUpRequiredError',
];

test('the walk misses nothing of the contract', () => {
  const reached = new Set([...factsOf(contract).types, ...EVERYWHERE]);
  const all = Object.values(contract.getTypeMap()).filter(
    (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
  );
  expect(all.map(({ name }) => name).filter((name) => !reached.has(name))).toEqual([]);
});

test('the errors that every union may have are as promised', () => {
  const everywhere = (sdl: string) =>
    factsOf(buildSchema(`${sdl}\nextend type Query {\n${AS_FIELDS}\n}`)).facts.filter(({ at }) =>
      EVERYWHERE.some((name) => at === name || at.startsWith(`${name}.`)),
    );
  const built = new Map(everywhere(printApi()).map(({ at, is }) => [at, is]));
  const broken = everywhere(CONTRACT).filter(({ at, is }) => built.get(at) !== is);
  expect(broken).toEqual([]);
});

const AS_FIELDS = EVERYWHERE.map((name) => `  everywhere${name}: ${name}`).join('\n');
