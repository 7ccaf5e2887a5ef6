import { createPublicKey } from 'node:crypto';
import { eq, ne, sql } from 'drizzle-orm';
import { calculateJwkThumbprint } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { jwks } from '../../src/access-token/discovery.ts';
import { UnreadableSigningKeyError } from '../../src/access-token/errors.ts';
import { createAccessTokenKeys } from '../../src/access-token/keys.ts';
import { listSigningKeys } from '../../src/access-token/list.ts';
import { resealSigningKeys } from '../../src/access-token/reseal.ts';
import { revokeSigningKey } from '../../src/access-token/revoke.ts';
import { rotateSigningKey } from '../../src/access-token/rotate.ts';
import { signAccessToken } from '../../src/access-token/sign.ts';
import { PUBLISHED_AHEAD } from '../../src/access-token/timeline.ts';
import { closeDatabase } from '../../src/db/driver/client.ts';
import { build } from '../../src/db/statement.ts';
import { signingKeys } from '../../src/db/tables/signing-key.ts';
import { transaction } from '../../src/db/transaction.ts';
import { ServiceUnavailableError } from '../../src/kernel/errors.ts';
import { queryDatabase } from '../support/query-database.ts';
import { createWorld, type World } from './database.ts';
import { REQUEST, verifyAccessToken } from './support.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.close());

type Instance = ReturnType<World['instance']>;

async function start(deps: Instance, options?: { readonly pollEvery?: number }) {
  const accessTokenKeys = await createAccessTokenKeys(deps, options);
  world.onClose(() => accessTokenKeys.stop());
  return { ...deps, accessTokenKeys };
}

const rowsOf = (deps: Instance) =>
  queryDatabase(deps.db, build.select().from(signingKeys).orderBy(signingKeys.activeFrom));

describe('the first start of a server', () => {
  test('creates a key that signs and one that waits, and publishes both under their thumbprints', async () => {
    const deps = await start(world.instance());
    const rows = await rowsOf(deps);
    expect(rows.map(({ kid }) => kid)).toEqual(
      deps.accessTokenKeys.published().map(({ kid }) => kid),
    );
    expect(rows).toHaveLength(2);
    expect(deps.accessTokenKeys.signingKey().kid).toBe(rows[0]?.kid);
    for (const jwk of jwks(deps.accessTokenKeys).keys) {
      expect(Object.keys(jwk).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
      expect(jwk).toMatchObject({ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig' });
      expect(jwk.kid).toBe(await calculateJwkThumbprint({ ...jwk }, 'sha256'));
      expect(createPublicKey({ key: { ...jwk }, format: 'jwk' }).type).toBe('public');
    }
  });

  test('creates the first keys once, however many instances start at the same time', async () => {
    const started = await Promise.all(Array.from({ length: 8 }, () => start(world.instance())));
    const kids = new Set(started.map(({ accessTokenKeys }) => accessTokenKeys.signingKey().kid));
    expect(kids.size).toBe(1);
    const [first] = started;
    if (!first) throw new Error('none started');
    expect(await rowsOf(first)).toHaveLength(2);
    const { token } = signAccessToken(first, REQUEST);
    for (const other of started) expect(verifyAccessToken(other, token)).not.toBeNull();
  });

  test('writes an audit event for each key', async () => {
    const deps = await start(world.instance());
    const events = await queryDatabase(
      deps.db,
      sql`select type, detail->>'kid' as kid from audit_events`,
    );
    const kids = (await rowsOf(deps)).map(({ kid }) => ({ type: 'SIGNING_KEY_ROTATED', kid }));
    expect([...events]).toEqual(expect.arrayContaining(kids));
    expect([...events]).toHaveLength(2);
  });

  test('fails if the database is unavailable', async () => {
    const deps = world.instance();
    await closeDatabase(deps.db);
    await expect(createAccessTokenKeys(deps)).rejects.toThrow();
  });

  test('uses the keys that exist', async () => {
    const first = await start(world.instance());
    const second = await start(world.instance());
    expect(second.accessTokenKeys.published()).toEqual(first.accessTokenKeys.published());
    const { token } = signAccessToken(first, REQUEST);
    expect(verifyAccessToken(second, token)?.userId).toBe(REQUEST.userId);
  });
});

describe('TK-12: stored signing keys', () => {
  test('are stored as neither PEM, JWK nor DER', async () => {
    const deps = await start(world.instance());
    const { privateKey } = deps.accessTokenKeys.signingKey();
    const secret = privateKey.export({ format: 'jwk' }).d ?? '';
    const dump = await queryDatabase(
      deps.db,
      sql`select signing_keys::text as text from signing_keys`,
    );
    const text = JSON.stringify([...dump]);
    expect(secret).toHaveLength(43);
    for (const form of ['base64url', 'base64', 'hex'] as const) {
      expect(text).not.toContain(Buffer.from(secret, 'base64url').toString(form));
    }
    expect(text).not.toMatch(/PRIVATE|"d"/);
  });

  test("cannot be opened from another key's row: a start fails, and a running server continues", async () => {
    const running = await start(world.instance());
    const [a, b] = await rowsOf(running);
    if (!a || !b) throw new Error('two keys');
    const swap = async (kid: string, sealedPrivateKey: Buffer) =>
      queryDatabase(
        running.db,
        build.update(signingKeys).set({ sealedPrivateKey }).where(eq(signingKeys.kid, kid)),
      );
    await swap(a.kid, b.sealedPrivateKey);
    await swap(b.kid, a.sealedPrivateKey);

    await expect(createAccessTokenKeys(world.instance())).rejects.toThrow(
      UnreadableSigningKeyError,
    );
    await running.accessTokenKeys.refresh();
    expect(running.accessTokenKeys.signingKey().kid).toBe(a.kid);
  });

  test('cannot be renamed by changing the kid of their row', async () => {
    const deps = await start(world.instance());
    const [a] = await rowsOf(deps);
    if (!a) throw new Error('a key');
    const forged = deps.keyring.seal(
      deps.keyring.open(a.sealedPrivateKey, `signing-key/${a.kid}`),
      'signing-key/another',
    );
    await queryDatabase(
      deps.db,
      build
        .update(signingKeys)
        .set({ kid: 'another', sealedPrivateKey: forged })
        .where(eq(signingKeys.kid, a.kid)),
    );
    await expect(createAccessTokenKeys(world.instance())).rejects.toThrow(
      UnreadableSigningKeyError,
    );
  });

  test('cannot be opened with another root secret, and the error shows neither key nor secret', async () => {
    await start(world.instance({ secrets: ['root secret'] }));
    const wrong = createAccessTokenKeys(world.instance({ secrets: ['another one'] }));
    await expect(wrong).rejects.toMatchObject({
      name: 'UnreadableSigningKeyError',
      message: expect.stringContaining('SECRET_KEYS'),
    });
  });

  test('may be unreadable once they have expired: a start succeeds', async () => {
    const first = await start(world.instance());
    const now = world.clock.now();
    await queryDatabase(
      first.db,
      build.insert(signingKeys).values({
        kid: 'revoked',
        sealedPrivateKey: Buffer.from('sealed under a secret that is gone'),
        createdAt: now,
        activeFrom: now,
        revokedAt: now,
      }),
    );
    const second = await start(world.instance());
    expect(second.accessTokenKeys.published()).toEqual(first.accessTokenKeys.published());
  });

  test('are not used, and are reported, if a running instance cannot open them', async () => {
    const running = await start(world.instance());
    const signing = running.accessTokenKeys.signingKey().kid;
    const now = world.clock.now();
    await queryDatabase(
      running.db,
      build.insert(signingKeys).values({
        kid: 'planted',
        sealedPrivateKey: Buffer.from('not sealed by us'),
        createdAt: now,
        activeFrom: now,
        revokedAt: null,
      }),
    );
    await running.accessTokenKeys.refresh();
    expect(running.accessTokenKeys.signingKey().kid).toBe(signing);
    expect(running.accessTokenKeys.verificationKey('planted')).toBeUndefined();
    expect(running.accessTokenKeys.published().map(({ kid }) => kid)).not.toContain('planted');
    expect(running.log.lines).toContainEqual({
      level: 'error',
      fields: { err: expect.any(UnreadableSigningKeyError) },
      message: 'signing key unreadable',
    });
  });
});

describe('CF-4: a new root secret', () => {
  test('opens keys that the older secret sealed, and reseals them; every token stays valid', async () => {
    const old = await start(world.instance({ secrets: ['old'] }));
    const { token } = signAccessToken(old, REQUEST);

    const both = await start(world.instance({ secrets: ['new', 'old'] }));
    expect((await listSigningKeys(both)).every(({ sealIsStale }) => sealIsStale)).toBe(true);
    expect(await resealSigningKeys(both)).toBe(2);
    expect(await resealSigningKeys(both)).toBe(0);
    expect((await listSigningKeys(both)).some(({ sealIsStale }) => sealIsStale)).toBe(false);

    const next = await start(world.instance({ secrets: ['new'] }));
    await old.accessTokenKeys.refresh();
    for (const each of [old, both, next]) expect(verifyAccessToken(each, token)).not.toBeNull();
    expect(old.log.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  test('reseals no key if one of them cannot be opened', async () => {
    const deps = await start(world.instance({ secrets: ['old'] }));
    const before = await rowsOf(deps);
    await expect(resealSigningKeys(world.instance({ secrets: ['new'] }))).rejects.toThrow();
    expect(await rowsOf(deps)).toEqual(before);
  });
});

describe('polling', () => {
  const eventually = (check: () => boolean | Promise<boolean>) =>
    expect.poll(check, { timeout: 5000 }).toBe(true);

  test('TK-11: brings a revocation to every instance', async () => {
    const one = await start(world.instance(), { pollEvery: 20 });
    const { token } = signAccessToken(one, REQUEST);
    await revokeSigningKey(world.instance(), one.accessTokenKeys.signingKey().kid);
    await eventually(() => verifyAccessToken(one, token) === null);
  });

  test('keeps the known keys while the database is unavailable, and reports the failure', async () => {
    const one = await start(world.instance(), { pollEvery: 20 });
    await closeDatabase(one.db);
    await eventually(() => one.log.lines.some(({ level }) => level === 'warn'));
    const { token } = signAccessToken(one, REQUEST);
    expect(verifyAccessToken(one, token)).not.toBeNull();
    await expect(one.accessTokenKeys.refresh()).rejects.toThrow();
  });

  test('resumes after a failure', async () => {
    const [one, other] = [await start(world.instance()), world.instance()];
    const kid = one.accessTokenKeys.signingKey().kid;
    await queryDatabase(other.db, sql`alter table signing_keys rename to elsewhere`);
    await expect(one.accessTokenKeys.refresh()).rejects.toThrow();
    expect(one.accessTokenKeys.signingKey().kid).toBe(kid);
    await queryDatabase(other.db, sql`alter table elsewhere rename to signing_keys`);
    await revokeSigningKey(other, kid);
    await one.accessTokenKeys.refresh();
    expect(one.accessTokenKeys.signingKey().kid).not.toBe(kid);
  });

  test('ends after stop()', async () => {
    const one = await start(world.instance(), { pollEvery: 5 });
    await one.accessTokenKeys.stop();
    const lines = one.log.lines.length;
    await closeDatabase(one.db);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(one.log.lines).toHaveLength(lines);
  });

  test('does not resume if stop() was called during a poll', async () => {
    const one = await start(world.instance(), { pollEvery: 5 });
    const { db } = world.instance();
    const stopped = await transaction(db, async (tx) => {
      await queryDatabase(tx, sql`lock table signing_keys in access exclusive mode`);
      await eventually(async () => {
        const waiting = await queryDatabase(
          db,
          sql`select 1 from pg_stat_activity
              where datname = current_database() and wait_event_type = 'Lock'`,
        );
        return waiting.length === 1;
      });
      return { stopping: one.accessTokenKeys.stop() };
    });
    await stopped.stopping;
    await closeDatabase(one.db);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(one.log.lines).toEqual([]);
  });

  test('fails closed if no key is left, and brings no retired key back', async () => {
    const one = await start(world.instance());
    const retired = one.accessTokenKeys.signingKey().kid;
    world.clock.advance(PUBLISHED_AHEAD);
    await rotateSigningKey(one);
    world.clock.advance(1);
    await queryDatabase(
      one.db,
      build
        .update(signingKeys)
        .set({ revokedAt: world.clock.now() })
        .where(ne(signingKeys.kid, retired)),
    );
    await queryDatabase(
      one.db,
      sql`alter table signing_keys add constraint full_up check (false) not valid`,
    );
    await expect(one.accessTokenKeys.refresh()).rejects.toThrow();
    expect(one.accessTokenKeys.verificationKey(retired)).toBeDefined();
    expect(() => one.accessTokenKeys.signingKey()).toThrow(ServiceUnavailableError);
    expect(() => signAccessToken(one, REQUEST)).toThrow(ServiceUnavailableError);
  });
});
