import { type Config, ConfigError } from '../config.ts';

/**
 * In development the launcher starts a database, and a command does not. If only DATABASE_URL is
 * missing, the error says how to reach the running database.
 *
 * @throws ConfigError as `load` does, with one more line if only DATABASE_URL is missing
 */
export function withDatabaseHint(load: () => Config): Config {
  try {
    return load();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const [problem, ...others] = error.problems;
    const isMissing = problem?.setting === 'DATABASE_URL' && problem.rule.startsWith('must be set');
    if (!isMissing || others.length > 0) throw error;
    throw new ConfigError([{ ...problem, rule: `${problem.rule}${HINT}` }]);
  }
}

/** Where the launcher keeps the password. It prints the port when it starts. */
const HINT = `

  While npm start runs, you can use its database, with the port that it printed:
  DATABASE_URL=postgres://latchkey:$(cat .data/postgres.password)@127.0.0.1:5433/latchkey`;
