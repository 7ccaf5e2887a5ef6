import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import postgres from 'postgres';
import { createAccessTokenKeys } from '../../src/access-token/keys.ts';
import { signAccessToken } from '../../src/access-token/sign.ts';
import { createAccessTokenVerifier } from '../../src/access-token/verify.ts';
import { loadConfig, readEnvironment } from '../../src/config.ts';
import { createDatabase } from '../../src/db/driver/client.ts';
import { createKeyring } from '../../src/kernel/keyring.ts';
import { derivationOf, parseRefreshToken, successors } from '../../src/session/refresh-token.ts';
import { SILENT } from '../../test/support/silent-log.ts';

/**
 * The least a Node server can do for the two hot operations: node:http, JSON, a token from a
 * cache or one HMAC and one signature, and one prepared statement on one connection of several.
 * No GraphQL, no headers, no log, no checks of the input. Same tokens, same rows, same answers.
 */

const random = { bytes: (length: number) => randomBytes(length) };
const clock = { now: () => new Date() };
const config = loadConfig(readEnvironment());
const keyring = createKeyring(config.secretKeys, random);
const db = createDatabase({ url: config.databaseUrl, poolSize: 1, log: SILENT });
const accessTokenKeys = await createAccessTokenKeys({
  config,
  clock,
  random,
  log: SILENT,
  db,
  keyring,
});
const deps = { config, clock, random, accessTokenKeys };
const verifier = createAccessTokenVerifier(deps);
const sql = postgres(config.databaseUrl, { max: config.databasePoolSize });

async function viewer(incoming: IncomingMessage): Promise<string> {
  const claims = verifier.verify(incoming.headers.authorization?.slice(7) ?? '');
  if (!claims) return '{"data":{"viewer":null}}';
  const [row] = await sql`
    select s.id as session_id, u.id, u.email from sessions s join users u on u.id = s.user_id
    where s.id = ${claims.sessionId} and u.id = ${claims.userId} and s.revoked_at is null
      and s.expires_at > ${new Date()} and s.credential_version = u.credential_version
      and u.disabled_at is null`;
  const user = row && { id: row['id'], email: row['email'] };
  return JSON.stringify({ data: { viewer: row && { user, session: { id: row['session_id'] } } } });
}

async function refresh(token: string): Promise<string> {
  const presented = parseRefreshToken(keyring, token);
  if (!presented) return '{"data":{"refreshToken":null}}';
  const { sessionId, hash } = presented;
  const derivation = derivationOf(keyring, sessionId, hash);
  const now = new Date();
  const [row] = await sql`
    update sessions set previous_refresh_hash = ${hash},
      refresh_hash = sha256(uuid_send(sessions.id) || sha256(${derivation}::bytea || refresh_salt)),
      rotated_at = ${now}, last_used_at = ${now}
    from users u
    where sessions.id = ${sessionId} and u.id = sessions.user_id and refresh_hash = ${hash}
      and revoked_at is null and expires_at > ${now}
      and sessions.credential_version = u.credential_version and u.disabled_at is null
    returning sessions.user_id, sessions.refresh_salt, sessions.authenticated_at, sessions.methods,
      sessions.credential_version`;
  if (!row) return '{"data":{"refreshToken":null}}';
  const family = { id: sessionId, refreshSalt: row['refresh_salt'] };
  const [successor] = successors(keyring, family, hash);
  const { token: accessToken } = signAccessToken(deps, {
    userId: row['user_id'],
    sessionId,
    authenticatedAt: row['authenticated_at'],
    methods: row['methods'],
    credentialVersion: row['credential_version'],
    claimsVersion: 1,
    roles: [],
    custom: {},
  });
  const signedIn = { __typename: 'SignedIn', accessToken, refreshToken: successor.text };
  return JSON.stringify({ data: { refreshToken: signedIn } });
}

const server = createServer((incoming, outgoing) => {
  const chunks: Buffer[] = [];
  incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
  incoming.on('end', async () => {
    const { variables } = JSON.parse(Buffer.concat(chunks).toString());
    const token = variables?.input?.refreshToken;
    const body = await (token === undefined ? viewer(incoming) : refresh(token));
    const length = Buffer.byteLength(body);
    outgoing.writeHead(200, { 'content-type': 'application/json', 'content-length': length });
    outgoing.end(body);
  });
});
server.listen(config.port, config.host);
process.once('SIGTERM', () => process.exit(0));
