import { printApi } from '../graphql-engine/print-schema.ts';
import { command } from './command.ts';

export const printSchemaCommand = command({
  name: 'print-schema',
  summary: 'print the API as GraphQL SDL, as schema.graphql has it',
  parameters: {},
  async run() {
    // The terminal adds the line break.
    const sdl = printApi().trimEnd();
    return { rows: [{ sdl }], lines: [sdl] };
  },
});
