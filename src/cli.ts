import { createInterface } from 'node:readline/promises';
import { accountsDisableCommand, accountsEnableCommand } from './cli/accounts.ts';
import {
  adminTokensCreateCommand,
  adminTokensListCommand,
  adminTokensRevokeCommand,
} from './cli/admin-tokens.ts';
import { adminsGrantCommand, adminsRevokeCommand } from './cli/admins.ts';
import type { Command } from './cli/command.ts';
import { configCommand } from './cli/config.ts';
import { withDatabaseHint } from './cli/database-hint.ts';
import { doctorCommand } from './cli/doctor.ts';
import { factorsRemoveCommand } from './cli/factors.ts';
import { healthCommand } from './cli/health.ts';
import {
  keysListCommand,
  keysResealCommand,
  keysRevokeCommand,
  keysRotateCommand,
} from './cli/keys.ts';
import { limitsResetCommand, limitsShowCommand } from './cli/limits.ts';
import { migrateDownCommand, migrateStatusCommand, migrateUpCommand } from './cli/migrate.ts';
import { printSchemaCommand } from './cli/print-schema.ts';
import { purgeCommand } from './cli/purge.ts';
import { runCommand } from './cli/run.ts';
import { sessionsEndAllCommand } from './cli/sessions.ts';
import {
  usersDeleteCommand,
  usersEventsCommand,
  usersFindCommand,
  usersSessionsCommand,
  usersShowCommand,
} from './cli/users.ts';
import { versionCommand } from './cli/version.ts';
import { loadConfig, readEnvironment } from './config.ts';

/** The operator's door: the table of all commands (cli/command.ts). */
export const COMMANDS: readonly Command[] = [
  migrateUpCommand,
  migrateDownCommand,
  migrateStatusCommand,
  keysListCommand,
  keysRotateCommand,
  keysRevokeCommand,
  keysResealCommand,
  usersFindCommand,
  usersShowCommand,
  usersSessionsCommand,
  usersEventsCommand,
  usersDeleteCommand,
  factorsRemoveCommand,
  accountsDisableCommand,
  accountsEnableCommand,
  adminsGrantCommand,
  adminsRevokeCommand,
  adminTokensCreateCommand,
  adminTokensListCommand,
  adminTokensRevokeCommand,
  sessionsEndAllCommand,
  limitsShowCommand,
  limitsResetCommand,
  purgeCommand,
  configCommand,
  doctorCommand,
  printSchemaCommand,
  healthCommand,
  versionCommand,
];

async function askAtTerminal(question: string): Promise<string | null> {
  if (!process.stdin.isTTY) return null;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await lines.question(question);
  } finally {
    lines.close();
  }
}

if (import.meta.main) {
  process.exitCode = await runCommand(COMMANDS, process.argv.slice(2), {
    out: (line) => console.log(line),
    err: (line) => console.error(line),
    ask: askAtTerminal,
    environment: () => readEnvironment(),
    config: () => withDatabaseHint(() => loadConfig(readEnvironment())),
  });
}
