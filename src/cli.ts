import type { Command } from './cli/command.ts';
import { migrateDownCommand, migrateStatusCommand, migrateUpCommand } from './cli/migrate.ts';
import { runCommand } from './cli/run.ts';
import { loadConfig, readEnvironment } from './config.ts';

/** The operator's door: every command is a line. */
const COMMANDS: readonly Command[] = [migrateUpCommand, migrateDownCommand, migrateStatusCommand];

if (import.meta.main) {
  process.exitCode = await runCommand(COMMANDS, process.argv.slice(2), {
    out: (line) => console.log(line),
    err: (line) => console.error(line),
    config: () => loadConfig(readEnvironment()),
  });
}
