import { describeConfig } from '../settings/describe.ts';
import { readSettings } from '../settings/read.ts';
import { command } from './command.ts';

/** Shows the settings even if they are invalid, and says why they are. */
export const configCommand = command({
  name: 'config',
  summary: 'show every setting and its source, secrets hidden',
  parameters: {},
  exitCodes: { 3: 'the settings are invalid; standard error says why' },
  async run(_, terminal) {
    const environment = terminal.environment();
    const rows = describeConfig(environment);
    const names = Math.max(...rows.map(({ name }) => name.length));
    const lines = rows.map(
      ({ name, source, value }) => `${name.padEnd(names)}  ${source.padEnd(SOURCES)}  ${value}`,
    );
    const settings = readSettings(environment);
    if (settings.ok) return { rows, lines };
    const notes = settings.problems.map(({ setting, rule }) => `  ${setting} ${rule}`);
    return {
      rows,
      lines,
      notes: ['The settings are invalid:', ...notes],
      exitCode: 3,
    };
  },
});

const SOURCES = 'environment'.length;
