/** One server of a DATABASE_URL: a network address, or the directory of a Unix socket. */
export type DatabaseHost = {
  /**
   * The name that the certificate is checked against. The directory of a Unix socket starts with `/` or `@`.
   */
  readonly host: string;
  /** The address to connect to, if it is given separately from the name (`hostaddr`). */
  readonly address: string | null;
  readonly port: number;
};

/** How a connection is protected: libpq's `sslmode`, from no TLS to a verified name. */
type TlsMode = 'disable' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';

/** libpq's TLS parameters. Paths name PEM files. */
export type DatabaseTls = {
  readonly mode: TlsMode;
  /** The root certificates to trust; null for those that Node.js trusts. */
  readonly rootCertificate: string | null;
  readonly certificate: string | null;
  readonly key: string | null;
  readonly keyPassword: string | null;
  readonly revocations: string | null;
  /** `direct` starts TLS with the first byte (Postgres 17), without asking whether the server supports it. */
  readonly negotiation: 'postgres' | 'direct';
  readonly minVersion: TlsVersion | null;
  readonly maxVersion: TlsVersion | null;
};

type TlsVersion = 'TLSv1.2' | 'TLSv1.3';

/** A parsed DATABASE_URL. */
export type DatabaseTarget = {
  /** In the order in which they are tried. */
  readonly hosts: readonly [DatabaseHost, ...DatabaseHost[]];
  /** Null means the name of the account that the process runs as. */
  readonly user: string | null;
  readonly password: string | null;
  /** Null means the same name as the user's. */
  readonly database: string | null;
  readonly tls: DatabaseTls;
  /** If true, a server that accepts no writes is skipped. */
  readonly mustWrite: boolean;
  /** Milliseconds for each host; null for the server's own limit. */
  readonly connectTimeout: number | null;
  readonly applicationName: string;
  /** Postgres' own command-line options (`-c name=value`), sent with the startup message. */
  readonly options: string | null;
  /** The schema to work in; null for the first schema of the role's search_path. */
  readonly schema: string | null;
  /** True if there is a transaction pooler in front, which accepts no settings. */
  readonly isPooled: boolean;
  /** True if the pooler tracks prepared statements (`max_prepared_statements`). */
  readonly poolerPrepares: boolean;
  /** The names of parameters that are valid but have no effect here. */
  readonly ignored: readonly string[];
};

/** Describes what is wrong with a DATABASE_URL, in a sentence without any of its values (CF-1). */
export class DatabaseUrlError extends Error {
  override readonly name = 'DatabaseUrlError';
}

const DEFAULT_PORT = '5432';

/** Characters that end a part of a URL, and their escapes in a user name or a password. */
const ESCAPES = [
  ['#', '%23'],
  ['@', '%40'],
  ['/', '%2F'],
  ['?', '%3F'],
  [':', '%3A'],
] as const;
const HOW_TO_ESCAPE = `in a user name or a password ${ESCAPES.map(([raw, escaped]) => `${raw} is written ${escaped}`).join(', ')}`;

/** Parameters of libpq and of other drivers that this driver does not need. */
const IGNORED = new Set([
  'connection_limit',
  'gssdelegation',
  'gsslib',
  'keepalives',
  'keepalives_count',
  'keepalives_idle',
  'keepalives_interval',
  'krbsrvname',
  'pool_timeout',
  'socket_timeout',
  'sslcompression',
  'sslsni',
  'statement_cache_size',
  'supa',
  'tcp_user_timeout',
  'uselibpqcompat',
]);

const KNOWN = new Set([
  ...IGNORED,
  'application_name',
  'channel_binding',
  'client_encoding',
  'connect_timeout',
  'dbname',
  'fallback_application_name',
  'gssencmode',
  'host',
  'hostaddr',
  'load_balance_hosts',
  'options',
  'password',
  'pgbouncer',
  'port',
  'prepare',
  'schema',
  'sslcert',
  'sslcrl',
  'sslkey',
  'sslmode',
  'sslnegotiation',
  'sslpassword',
  'sslrootcert',
  'ssl_max_protocol_version',
  'ssl_min_protocol_version',
  'target_session_attrs',
  'user',
]);

/**
 * Parses a Postgres connection URI as libpq does (PostgreSQL manual, 32.1.1.2): several hosts, Unix sockets,
 * parameters. It is parsed before any connection is opened, so that an unknown parameter is reported at the
 * start and never becomes a startup parameter that the database or a pooler rejects.
 *
 * @throws DatabaseUrlError for a URI that cannot be parsed or honored
 */
export function parseDatabaseUrl(text: string): DatabaseTarget {
  const [, authority = '', path = '', query = ''] = split(text);
  const { credentials, hostList } = splitAuthority(authority);
  const parameters = parseParameters(query);
  const get = (name: string) => parameters.get(name) || null;
  const hosts = parseHosts(hostList, parameters);
  const negotiation = oneOf('sslnegotiation', get('sslnegotiation'), ['postgres', 'direct']);
  const tls = parseTls(get, negotiation ?? 'postgres');
  return {
    hosts,
    user: get('user') ?? credentials.user,
    password: get('password') ?? credentials.password,
    database: get('dbname') ?? (decode(path) || null),
    tls,
    mustWrite: parseMustWrite(get('target_session_attrs'), hosts.length),
    connectTimeout: parseSeconds('connect_timeout', get('connect_timeout')),
    applicationName: get('application_name') ?? get('fallback_application_name') ?? 'latchkey',
    options: get('options'),
    schema: get('schema'),
    isPooled: parseFlag('pgbouncer', get('pgbouncer')),
    poolerPrepares: parseFlag('prepare', get('prepare')),
    ignored: ignoredOf(parameters),
  };
}

function split(text: string): RegExpExecArray {
  if (!/^postgres(ql)?:\/\//.test(text)) throw new DatabaseUrlError('must be a postgres:// URL');
  if (text.includes('#')) throw new DatabaseUrlError(`has a #: ${HOW_TO_ESCAPE}`);
  if (/[\s\p{C}]/u.test(text)) {
    throw new DatabaseUrlError('has white space in it: a space is written %20');
  }
  if (/%(?![0-9a-f]{2})/i.test(text)) {
    throw new DatabaseUrlError('has a % that starts no escape: % itself is written %25');
  }
  const parts = /^postgres(?:ql)?:\/\/([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/.exec(text);
  if (!parts || /[/@]/.test(parts[2] ?? '') || /[?@]/.test(parts[3] ?? '')) {
    throw new DatabaseUrlError(`cannot be taken apart: ${HOW_TO_ESCAPE}`);
  }
  return parts;
}

function splitAuthority(authority: string) {
  const parts = authority.split('@');
  if (parts.length > 2) {
    throw new DatabaseUrlError(`has more than one @ before the host: ${HOW_TO_ESCAPE}`);
  }
  const [userInfo, hostList] = parts.length === 2 ? parts : ['', authority];
  const colon = userInfo?.indexOf(':') ?? -1;
  const user = colon < 0 ? userInfo : userInfo?.slice(0, colon);
  const password = colon < 0 ? '' : userInfo?.slice(colon + 1);
  return {
    credentials: { user: decode(user ?? '') || null, password: decode(password ?? '') || null },
    hostList: hostList ?? '',
  };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new DatabaseUrlError('has %-escapes that are not UTF-8: % itself is written %25');
  }
}

function parseParameters(query: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const pair of query.split('&').filter((part) => part !== '')) {
    const [name = '', ...rest] = pair.split('=');
    const key = decode(name);
    // Otherwise a typing error in `sslmode` would silently turn off the protection.
    if (!KNOWN.has(key)) throw new DatabaseUrlError(`${unknownParameter(key)}: ${HOW_TO_SET}`);
    parameters.set(key, decode(rest.join('=')));
  }
  return parameters;
}

const HOW_TO_SET = 'settings of Postgres itself are written options=-c%20name=value';

/** Text that is not a plain name may be a piece of a password. */
function unknownParameter(name: string): string {
  return /^[a-z_]{1,40}$/i.test(name)
    ? `has a parameter that is not known: ${name}`
    : 'has a parameter that is not known';
}

function parseHosts(hostList: string, parameters: ReadonlyMap<string, string>) {
  const written = parameters.get('host') || (hostList === '' && parameters.get('hostaddr'));
  const named = written ? written.split(',').map((host) => ({ host, port: null })) : null;
  const list = named ?? hostList.split(',').map(splitHost);
  const addresses = listFor('hostaddr', parameters.get('hostaddr'), list.length);
  const ports = listFor('port', parameters.get('port'), list.length);
  const [first, ...others] = list.map(({ host, port }, index): DatabaseHost => {
    const text = port ?? (ports[index] || DEFAULT_PORT);
    const number = /^\d{1,5}$/.test(text) ? Number(text) : 0;
    if (number < 1 || number > 65_535) {
      throw new DatabaseUrlError(`must have ports from 1 to 65535; ${HOW_TO_ESCAPE}`);
    }
    // Never use another host silently: libpq would use a socket of this machine.
    if (host === '')
      throw new DatabaseUrlError('must name a host, as in postgres://user@host/name');
    return { host, port: number, address: addresses[index] || null };
  });
  if (!first) throw new DatabaseUrlError('must name a host');
  return [first, ...others] as const;
}

/** One value for each host, or one for all of them. */
function listFor(name: string, text: string | undefined, count: number): readonly string[] {
  const values = text ? text.split(',') : [];
  if (values.length === 1 && name === 'port')
    return Array.from({ length: count }, () => text ?? '');
  if (values.length !== 0 && values.length !== count) {
    throw new DatabaseUrlError(`must have as many values in ${name} as there are hosts`);
  }
  return values;
}

function splitHost(text: string): { readonly host: string; readonly port: string | null } {
  const [, inBrackets, plain, port] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::([^:]*))?$/.exec(text) ?? [];
  if (inBrackets === undefined && plain === undefined) {
    throw new DatabaseUrlError(
      `has a host that cannot be read: an IPv6 address is written in brackets, and ${HOW_TO_ESCAPE}`,
    );
  }
  return { host: decode(inBrackets ?? plain ?? ''), port: port || null };
}

type Get = (name: string) => string | null;

const TLS_VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;

function parseTls(get: Get, negotiation: 'postgres' | 'direct'): DatabaseTls {
  const root = get('sslrootcert');
  const asked = oneOf('sslmode', get('sslmode'), [
    'disable',
    'allow',
    'prefer',
    'require',
    'verify-ca',
    'verify-full',
  ]);
  const isSystem = root === 'system';
  const mode = tlsMode(asked, isSystem, root !== null && !isSystem);
  if (isSystem && mode !== 'verify-full') {
    throw new DatabaseUrlError('must have sslmode=verify-full with sslrootcert=system');
  }
  if (mode === 'verify-ca' && root === null) {
    throw new DatabaseUrlError(
      'must have sslrootcert with sslmode=verify-ca; without a root of your own use verify-full',
    );
  }
  const [certificate, key] = [get('sslcert'), get('sslkey')];
  if ((certificate === null) !== (key === null)) {
    throw new DatabaseUrlError('must have sslcert and sslkey together');
  }
  if (negotiation === 'direct' && (mode === 'disable' || mode === 'prefer')) {
    throw new DatabaseUrlError('must have sslmode=require or stronger with sslnegotiation=direct');
  }
  return {
    mode,
    rootCertificate: isSystem ? null : root,
    certificate,
    key,
    keyPassword: get('sslpassword'),
    revocations: get('sslcrl'),
    negotiation,
    minVersion: oneOf('ssl_min_protocol_version', get('ssl_min_protocol_version'), TLS_VERSIONS),
    maxVersion: oneOf('ssl_max_protocol_version', get('ssl_max_protocol_version'), TLS_VERSIONS),
  };
}

/**
 * `allow` would start without protection, so it is treated as `prefer`. With a root certificate of its own,
 * `require` verifies, as libpq does (PostgreSQL manual, 32.19.1).
 */
function tlsMode(asked: TlsMode | 'allow' | null, isSystem: boolean, hasRoot: boolean): TlsMode {
  if (asked === null) return isSystem ? 'verify-full' : 'prefer';
  if (asked === 'allow') return 'prefer';
  return asked === 'require' && hasRoot ? 'verify-ca' : asked;
}

/** This server writes, so it uses the host that accepts writes, unless the URL allows any host. */
function parseMustWrite(text: string | null, hosts: number): boolean {
  if (text === null) return hosts > 1;
  if (text === 'any') return false;
  if (text === 'read-write' || text === 'primary') return true;
  throw new DatabaseUrlError(
    'must have any, read-write or primary as target_session_attrs: this server writes',
  );
}

function parseSeconds(name: string, text: string | null): number | null {
  if (text === null) return null;
  if (!/^\d{1,6}$/.test(text)) {
    throw new DatabaseUrlError(`must have whole seconds as ${name}`);
  }
  return Number(text) === 0 ? null : Number(text) * 1000;
}

function parseFlag(name: string, text: string | null): boolean {
  return oneOf(name, text, ['true', 'false']) === 'true';
}

function oneOf<const W extends string>(
  name: string,
  text: string | null,
  words: readonly W[],
): W | null {
  if (text === null) return null;
  const found = words.find((word) => word === text);
  if (found === undefined) throw new DatabaseUrlError(`must have ${words.join(', ')} as ${name}`);
  return found;
}

function ignoredOf(parameters: ReadonlyMap<string, string>): readonly string[] {
  const is = (name: string, ...values: readonly string[]) =>
    values.includes((parameters.get(name) ?? '').toLowerCase());
  const encoding = parameters.get('client_encoding');
  if (encoding !== undefined && !is('client_encoding', 'utf8', 'utf-8', 'unicode', 'auto')) {
    throw new DatabaseUrlError('must have UTF8 as client_encoding');
  }
  if (is('gssencmode', 'require')) {
    throw new DatabaseUrlError('must not have gssencmode=require: this driver speaks no GSSAPI');
  }
  const ignored = [...parameters.keys()].filter((name) => IGNORED.has(name));
  if (is('channel_binding', 'require')) ignored.push('channel_binding');
  if (is('load_balance_hosts', 'random')) ignored.push('load_balance_hosts');
  return ignored.sort();
}
