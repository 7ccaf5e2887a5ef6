import { describeConfig } from '../settings/describe.ts';
import { readSettings } from '../settings/read.ts';
import { type Command, noArguments } from './command.ts';

/** `config`: shows settings that do not allow a start, too, and says why they do not. */
export const configCommand: Command = {
  name: 'config',
  summary: 'show every setting and its source, secrets hidden; exit code 3 if they are wrong',
  async run(args, terminal) {
    noArguments(args);
    const environment = terminal.environment();
    const rows = describeConfig(environment);
    const names = Math.max(...rows.map(({ name }) => name.length));
    for (const { name, source, value } of rows) {
      terminal.out(`${name.padEnd(names)}  ${source.padEnd(SOURCES)}  ${value}`);
    }
    const settings = readSettings(environment);
    if (settings.ok) return 0;
    terminal.err('The settings do not allow a start:');
    for (const { setting, rule } of settings.problems) terminal.err(`  ${setting} ${rule}`);
    return 3;
  },
};

const SOURCES = 'environment'.length;
