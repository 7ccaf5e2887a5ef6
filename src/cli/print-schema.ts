import { printApi } from '../api/print-schema.ts';
import { type Command, noArguments } from './command.ts';

/** `print-schema` */
export const printSchemaCommand: Command = {
  name: 'print-schema',
  summary: 'print the API as GraphQL SDL, as schema.graphql has it',
  async run(args, terminal) {
    noArguments(args);
    // A terminal's line ends itself.
    terminal.out(printApi().trimEnd());
    return 0;
  },
};
