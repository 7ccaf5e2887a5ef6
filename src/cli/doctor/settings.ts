import { type Config, ConfigError, warningsOf } from '../../config.ts';
import { parseDatabaseUrl } from '../../kernel/database-url.ts';
import { exposureOf } from '../../settings/secret-file.ts';
import { type Environment, readableSecretFiles } from '../../settings/sources.ts';
import { about, type Finding } from './finding.ts';

/** Whether the settings allow a start. Without them there is nothing else to look at. */
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

/** What starts and does what nobody expects. */
export function checkWarnings(environment: Environment): readonly Finding[] {
  return warningsOf(environment).map(({ setting, rule }) =>
    about('settings').warn(`${setting} ${rule}`),
  );
}

/** Whether the files with secrets are readable by more than the server. */
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

/** A file that is not there is the connection's to say. */
function isExposed(path: string): boolean {
  try {
    return exposureOf(path) !== null;
  } catch {
    return false;
  }
}

/** Whether people are told apart by their addresses. */
export function checkProxies(config: Config): readonly Finding[] {
  const { ok, warn } = about('proxies');
  const { mode, publicUrl, trustedProxyHops } = config;
  if (trustedProxyHops > 0) {
    return [
      ok(
        `the client is entry ${trustedProxyHops} from the right of X-Forwarded-For: check that exactly so many proxies add to it`,
      ),
    ];
  }
  // This server speaks no TLS: somebody in front of it does.
  if (mode === 'production' && publicUrl.startsWith('https:')) {
    return [
      warn(
        'PUBLIC_URL is https, so a proxy stands in front, and TRUSTED_PROXY_HOPS is 0: everybody has the address of the proxy, and shares its rate limits; set the number of proxies',
      ),
    ];
  }
  return [ok('no proxy is trusted: the address of the connection is the client')];
}
