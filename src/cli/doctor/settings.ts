import { type Config, ConfigError, warningsOf } from '../../config.ts';
import { parseDatabaseUrl } from '../../kernel/database-url.ts';
import { exposureOf } from '../../settings/secret-file.ts';
import { type Environment, readableSecretFiles } from '../../settings/sources.ts';
import { about, type Finding } from './finding.ts';

/** Checks whether the settings are valid. Every other check needs them. */
export function checkSettings(load: () => Config): {
  readonly config: Config | null;
  readonly findings: readonly Finding[];
} {
  const { ok, wrong } = about('settings');
  try {
    const config = load();
    return { config, findings: [ok(`valid: the server starts in ${config.mode} mode`)] };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const findings = error.problems.map(({ setting, rule }) => wrong(`${setting} ${rule}`));
    return { config: null, findings };
  }
}

/** Settings with which the server starts, but probably not as intended. */
export function checkWarnings(environment: Environment): readonly Finding[] {
  return warningsOf(environment).map(({ setting, rule }) =>
    about('settings').warn(`${setting} ${rule}`),
  );
}

/** Checks whether other users can read the files with secrets. */
export function checkSecretFiles(environment: Environment, config: Config): readonly Finding[] {
  const { ok, warn } = about('secrets');
  const { key } = parseDatabaseUrl(config.databaseUrl).tls;
  const files = [
    ...readableSecretFiles(environment),
    ...(key !== null && isExposed(key) ? ['sslkey of DATABASE_URL'] : []),
  ];
  if (files.length === 0) return [ok('no file with a secret is readable by other users')];
  return files.map((setting) =>
    warn(`${setting} names a file that every user of this machine may read: chmod 400 or 440`),
  );
}

/** A missing file is reported by the check of the connection. */
function isExposed(path: string): boolean {
  try {
    return exposureOf(path) !== null;
  } catch {
    return false;
  }
}

/** Checks whether clients are distinguished by their addresses. */
export function checkProxies(config: Config): readonly Finding[] {
  const { ok, warn } = about('proxies');
  const { mode, publicUrl, trustedProxyHops } = config;
  if (trustedProxyHops > 0) {
    return [
      ok(
        `the client's address is entry ${trustedProxyHops} from the right of X-Forwarded-For: check that exactly that many proxies append to it`,
      ),
    ];
  }
  // This server speaks no TLS, so that a proxy in front must.
  if (mode === 'production' && publicUrl.startsWith('https:')) {
    return [
      warn(
        "PUBLIC_URL is https, so there is a proxy in front, but TRUSTED_PROXY_HOPS is 0: everyone has the proxy's address and shares its rate limits; set TRUSTED_PROXY_HOPS to the number of proxies",
      ),
    ];
  }
  return [ok("no proxy is trusted: the address of the connection is the client's")];
}
