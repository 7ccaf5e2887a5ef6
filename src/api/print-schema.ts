import { printSchemaWithDirectives } from '@graphql-tools/utils';
import { createSchema } from './schema.ts';

/** The schema as clients read it (schema.graphql), with the directives its fields carry. */
export function printApi(): string {
  return `${printSchemaWithDirectives(createSchema())}\n`;
}
