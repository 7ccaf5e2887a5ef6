import { closeDatabase, createDatabase } from '../db/driver/client.ts';
import { hasAccounts } from '../db/row-count.ts';
import { escapeControls } from '../kernel/unicode.ts';
import type { Call, Loss, Report, Terminal } from './command.ts';
import { terminalLog } from './terminal-log.ts';

/** The options of a destructive command: `--dry-run` and `--yes`. */
export type Consent = { readonly isDryRun: boolean; readonly isSure: boolean };

/**
 * Runs a command. A destructive command first counts what it would remove. With `--dry-run` it only
 * reports the count. If the database has accounts, the command continues only after the operator typed
 * the count, or with `--yes`. NODE_ENV makes no difference: an operator who runs `migrate down` on a
 * machine without NODE_ENV may have named the production database.
 */
export async function runGuarded(
  call: Call,
  terminal: Terminal,
  { isDryRun, isSure }: Consent,
): Promise<Report> {
  if (!call.loss || isSure) return await call.run();
  const { rows, what } = await call.loss();
  if (isDryRun) {
    return {
      rows: [{ dryRun: true, would: what, rows }],
      lines: [`Would ${what}. Nothing was changed.`],
    };
  }
  if (await hasPeople(terminal)) {
    const refusal = await confirm(terminal, { rows, what });
    if (refusal !== null) {
      return { rows: [], lines: [], notes: [`${refusal} Nothing was changed.`], exitCode: 4 };
    }
  }
  return await call.run();
}

/** @returns the reason to stop, or null to continue */
async function confirm(terminal: Terminal, { rows, what }: Loss): Promise<string | null> {
  const answer = await terminal.ask(
    `This database has accounts. The command will ${escapeControls(what)}.\nType ${rows} to continue: `,
  );
  if (answer === null) return 'There is no terminal to confirm on. Repeat the command with --yes.';
  return answer.trim() === String(rows) ? null : `That is not ${rows}.`;
}

async function hasPeople(terminal: Terminal): Promise<boolean> {
  const { databaseUrl } = terminal.config();
  const db = createDatabase({ url: databaseUrl, poolSize: 1, log: terminalLog(terminal) });
  try {
    return await hasAccounts(db);
  } finally {
    await closeDatabase(db);
  }
}
