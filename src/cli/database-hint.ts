import { type Config, ConfigError } from '../config.ts';

/**
 * In development the launcher brings the database, and a command starts none: says how to reach
 * the one that runs.
 *
 * @throws ConfigError as `load` does, with one more line when it is only the database that lacks
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

/** Where the launcher keeps the password; the port it listens on is what it prints at its start. */
const HINT = `

  While npm start runs, its database can be used, with the port that it printed:
  DATABASE_URL=postgres://latchkey:$(cat .data/postgres.password)@127.0.0.1:5433/latchkey`;
