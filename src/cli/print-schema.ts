import { printAdminApi, printApi } from '../graphql-engine/print-schema.ts';
import { command } from './command.ts';
import { flag } from './parameters.ts';

export const printSchemaCommand = command({
  name: 'print-schema',
  summary: 'print the API as GraphQL SDL, as schema.graphql has it',
  parameters: { admin: flag("the administrators' API, as schema.admin.graphql has it") },
  async run({ admin }) {
    // The terminal adds the last line break.
    const sdl = (admin ? printAdminApi() : printApi()).trimEnd();
    return { rows: [{ sdl }], lines: sdl.split('\n') };
  },
});
