import type { GraphQLSchema } from 'graphql';
import { createSchema } from '../../src/graphql-engine/schema.ts';

let built: GraphQLSchema | undefined;

/** The public schema, to look things up in. It is built once for all test files of a worker: change nothing in it. */
export function publicSchema(): GraphQLSchema {
  built ??= createSchema();
  return built;
}
