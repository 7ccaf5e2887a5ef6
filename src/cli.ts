import { accountsDisableCommand, accountsEnableCommand } from './cli/accounts.ts';
import type { Command } from './cli/command.ts';
import { configCommand } from './cli/config.ts';
import { withDatabaseHint } from './cli/database-hint.ts';
import { factorsRemoveCommand } from './cli/factors.ts';
import {
  keysListCommand,
  keysResealCommand,
  keysRevokeCommand,
  keysRotateCommand,
} from './cli/keys.ts';
import { migrateDownCommand, migrateStatusCommand, migrateUpCommand } from './cli/migrate.ts';
import { printSchemaCommand } from './cli/print-schema.ts';
import { purgeCommand } from './cli/purge.ts';
import { runCommand } from './cli/run.ts';
import { loadConfig, readEnvironment } from './config.ts';

/** The operator's door: every command is a line. */
const COMMANDS: readonly Command[] = [
  migrateUpCommand,
  migrateDownCommand,
  migrateStatusCommand,
  keysListCommand,
  keysRotateCommand,
  keysRevokeCommand,
  keysResealCommand,
  factorsRemoveCommand,
  accountsDisableCommand,
  accountsEnableCommand,
  purgeCommand,
  configCommand,
  printSchemaCommand,
];

if (import.meta.main) {
  process.exitCode = await runCommand(COMMANDS, process.argv.slice(2), {
    out: (line) => console.log(line),
    err: (line) => console.error(line),
    environment: () => readEnvironment(),
    config: () => withDatabaseHint(() => loadConfig(readEnvironment())),
  });
}
