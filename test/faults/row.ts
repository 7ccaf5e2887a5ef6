import type { PrivatePostgres } from '../db/private-postgres.ts';

/** How a run is to be made. */
export type FaultRun = {
  /** Fewer rounds, shorter waits; and no bound that is the machine's speed rather than a limit of ours. */
  readonly short: boolean;
  /** The folder of the server as the image has it, which the verdict is about; null for the sources. */
  readonly bundle: string | null;
  /** How much of the background load: 1 is that of docs/requirements.md, section 3, for two cores of one's own. */
  readonly share: number;
  /** The run's own Postgres, which a row may stop, freeze and start; it leaves it running. */
  readonly postgres: PrivatePostgres;
  /** Progress, for whoever watches. */
  say(line: string): void;
};

/** What a row came to. */
export type Verdict = {
  readonly passes: boolean;
  /** The figure to print: what was counted and measured, and what was missed. */
  readonly figure: string;
};

/**
 * One fault of docs/requirements.md, section 3. A file of test/faults/rows exports it as `row`;
 * the runner finds it there.
 */
export type FaultRow = {
  readonly number: number;
  readonly name: string;
  run(run: FaultRun): Promise<Verdict>;
};

/** Conditions by name: a verdict passes when all are true, and names those that are not. */
export function verdict(figure: string, conditions: Readonly<Record<string, boolean>>): Verdict {
  const missed = Object.entries(conditions).filter(([, holds]) => !holds);
  const names = missed.map(([name]) => name).join(', ');
  return {
    passes: missed.length === 0,
    figure: missed.length === 0 ? figure : `${figure}; MISSED: ${names}`,
  };
}
