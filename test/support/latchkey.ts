import type { Command } from '../../src/cli/command.ts';
import { runCommand } from '../../src/cli/run.ts';
import { COMMANDS } from '../../src/cli.ts';
import { type Config, loadConfig } from '../../src/config.ts';
import type { Environment } from '../../src/settings/sources.ts';

/** How a command line ended, and what it said. */
export type Ended = {
  readonly code: number;
  readonly out: readonly string[];
  readonly err: readonly string[];
  /** What was asked at the terminal. */
  readonly asked: readonly string[];
};

type World = {
  readonly env?: Environment;
  /** In the place of what the environment says. */
  readonly config?: Config;
  readonly commands?: readonly Command[];
  /** What the person at the terminal types; null when nobody sits there. */
  readonly answer?: (question: string) => string | null;
};

/** Runs one command line in this process, as cli.ts does. */
export async function latchkey(
  line: string | readonly string[],
  world: World = {},
): Promise<Ended> {
  const { env = {}, config, commands = COMMANDS, answer = () => null } = world;
  const [out, err, asked]: [string[], string[], string[]] = [[], [], []];
  const words = typeof line === 'string' ? line.split(' ').filter((word) => word !== '') : line;
  const code = await runCommand(commands, words, {
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
    ask: async (question) => {
      asked.push(question);
      return answer(question);
    },
    environment: () => env,
    config: () => config ?? loadConfig(env),
  });
  return { code, out, err, asked };
}

/** The rows of `--json`: every line of standard output has to be one. */
export function rowsOf({ out }: Ended): readonly Readonly<Record<string, unknown>>[] {
  return out.map((line) => JSON.parse(line));
}
