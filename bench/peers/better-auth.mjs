import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { toNodeHandler } from 'better-auth/node';
import { jwt } from 'better-auth/plugins';
import pg from 'pg';

/**
 * better-auth on Postgres as its documentation sets it up, with its JWT plugin (its closest match to an
 * access token). Two things are not its defaults: the rate limit is off, because all load comes from
 * one address, and with HASH=argon2 passwords are hashed as this server hashes them.
 */

const { DATABASE_URL, PORT, HASH } = process.env;

const { argon2id, hash, verify } = createRequire(import.meta.url)('argon2');
const PARAMETERS = { type: argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const equalHash = {
  hash: (password) => hash(password, PARAMETERS),
  verify: ({ hash: stored, password }) => verify(stored, password),
};

const options = {
  database: new pg.Pool({ connectionString: DATABASE_URL, max: 10 }),
  baseURL: `http://127.0.0.1:${PORT}`,
  secret: process.env.BETTER_AUTH_SECRET,
  emailAndPassword: { enabled: true, ...(HASH === 'argon2' && { password: equalHash }) },
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  plugins: [jwt()],
};
const { runMigrations } = await getMigrations(options);
await runMigrations();
const auth = betterAuth(options);
createServer(toNodeHandler(auth)).listen(Number(PORT), '127.0.0.1');
process.once('SIGTERM', () => process.exit(0));
