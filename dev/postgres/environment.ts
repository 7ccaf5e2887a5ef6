/**
 * What Postgres and its tools get to see of the environment: PG* variables would change what
 * they do, and the rest may hold secrets that are none of theirs.
 */
export function postgresEnvironment(): NodeJS.ProcessEnv {
  const { PATH, SystemRoot } = process.env;
  return {
    LC_ALL: 'C',
    TZ: 'UTC',
    ...(PATH === undefined ? {} : { PATH }),
    ...(SystemRoot === undefined ? {} : { SystemRoot }),
  };
}

/**
 * Root has Postgres reach its data through its own working folder, which is entered before the
 * privileges are dropped: so the folders above (a private home, a private .data) need not be
 * open to the account that Postgres runs as.
 */
export function dataDirArgument(dataDir: string, dropped: boolean): string {
  return dropped && process.platform === 'linux' ? '/proc/self/cwd' : dataDir;
}
