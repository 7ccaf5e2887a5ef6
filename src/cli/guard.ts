import { closeDatabase, createDatabase } from '../db/driver/client.ts';
import { hasAccounts } from '../db/row-count.ts';
import type { Call, Loss, Report, Terminal } from './command.ts';
import { terminalLog } from './terminal-log.ts';

/** What was said about a destructive command on its line. */
export type Consent = { readonly isDryRun: boolean; readonly isSure: boolean };

/**
 * Makes a destructive command count before it takes anything away. With `--dry-run` it only says what it
 * would do. If the database has accounts, it goes on only after the counted number was typed, or with
 * `--yes`. The mode of the command's own environment is not asked: who runs `migrate down` from a machine
 * without NODE_ENV may well have named the database that serves.
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
  if (await servesPeople(terminal)) {
    const refusal = await confirm(terminal, { rows, what });
    if (refusal !== null) {
      return { rows: [], lines: [], notes: [`${refusal} Nothing was changed.`], exitCode: 4 };
    }
  }
  return await call.run();
}

/** @returns why not, or null for going on */
async function confirm(terminal: Terminal, { rows, what }: Loss): Promise<string | null> {
  const answer = await terminal.ask(
    `This database has accounts. This will ${what}.\nType ${rows} to go on: `,
  );
  if (answer === null) return 'There is no terminal to ask on: repeat the command with --yes.';
  return answer.trim() === String(rows) ? null : `That is not ${rows}.`;
}

async function servesPeople(terminal: Terminal): Promise<boolean> {
  const { databaseUrl } = terminal.config();
  const db = createDatabase({ url: databaseUrl, poolSize: 1, log: terminalLog(terminal) });
  try {
    return await hasAccounts(db);
  } finally {
    await closeDatabase(db);
  }
}
