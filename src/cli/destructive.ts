import { closeDatabase, createDatabase } from '../db/client.ts';
import { hasAccounts } from '../db/row-count.ts';
import { type Command, type ExitCode, type Terminal, UsageError } from './command.ts';
import { terminalLog } from './terminal-log.ts';

/** What a command is about to take away: `rows` is the number that has to be typed. */
type Loss = { readonly rows: number; readonly what: string };

/** A command that takes away what nothing brings back. */
export type DestructiveCommand = Command & {
  /**
   * Counts without changing anything.
   *
   * @throws UsageError for arguments it does not know
   */
  readonly loss: (args: readonly string[], terminal: Terminal) => Promise<Loss>;
};

const DRY_RUN = '--dry-run';
const YES = '--yes';

/**
 * Makes a command count before it takes anything away. With `--dry-run` it only says what it would
 * do. In production, if the database has accounts, it goes on only after the counted number was typed,
 * or with `--yes`: an empty database and a developer's own are not asked about.
 */
export function destructive(command: DestructiveCommand): Command {
  return {
    name: command.name,
    usage: [...(command.usage ? [command.usage] : []), `[${DRY_RUN} | ${YES}]`].join(' '),
    summary: command.summary,
    async run(words, terminal) {
      const args = words.filter((word) => word !== DRY_RUN && word !== YES);
      const isDryRun = words.includes(DRY_RUN);
      if (isDryRun && words.includes(YES)) throw new UsageError(`${DRY_RUN} or ${YES}, not both.`);
      if (words.includes(YES)) return await command.run(args, terminal);
      const { rows, what } = await command.loss(args, terminal);
      if (isDryRun) {
        terminal.out(`Would ${what}. Nothing was changed.`);
        return 0;
      }
      if (await isInUse(terminal)) {
        const refusal = await confirm(terminal, { rows, what });
        if (refusal !== null) {
          terminal.err(`${refusal} Nothing was changed.`);
          return 1 satisfies ExitCode;
        }
      }
      return await command.run(args, terminal);
    },
  };
}

/** @returns why not, or null for going on */
async function confirm(terminal: Terminal, { rows, what }: Loss): Promise<string | null> {
  const answer = await terminal.ask(
    `This database is in production and has accounts. This will ${what}.\nType ${rows} to go on: `,
  );
  if (answer === null) return `There is no terminal to ask on: repeat the command with ${YES}.`;
  return answer.trim() === String(rows) ? null : `That is not ${rows}.`;
}

async function isInUse(terminal: Terminal): Promise<boolean> {
  const { mode, databaseUrl } = terminal.config();
  if (mode !== 'production') return false;
  const db = createDatabase({ url: databaseUrl, poolSize: 1, log: terminalLog(terminal) });
  try {
    return await hasAccounts(db);
  } finally {
    await closeDatabase(db);
  }
}
