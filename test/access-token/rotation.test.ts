import { sql } from 'drizzle-orm';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { jwks } from '../../src/access-token/discovery.ts';
import { UnknownSigningKeyError } from '../../src/access-token/errors.ts';
import { createAccessTokenKeys } from '../../src/access-token/keys.ts';
import { listSigningKeys } from '../../src/access-token/list.ts';
import { revokeSigningKey } from '../../src/access-token/revoke.ts';
import { rotateSigningKey } from '../../src/access-token/rotate.ts';
import { signAccessToken } from '../../src/access-token/sign.ts';
import { KEPT_AFTER, PUBLISHED_AHEAD } from '../../src/access-token/timeline.ts';
import { createAccessTokenVerifier } from '../../src/access-token/verify.ts';
import { DAY, HOUR, MINUTE } from '../../src/kernel/duration.ts';
import { queryDatabase } from '../support/query-database.ts';
import { createWorld, type World } from './database.ts';
import { AUDIENCE, config, ISSUER, REQUEST, verifyAccessToken } from './support.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.close());

async function start() {
  const deps = world.instance();
  const accessTokenKeys = await createAccessTokenKeys(deps);
  world.onClose(() => accessTokenKeys.stop());
  return { ...deps, accessTokenKeys };
}
type Server = Awaited<ReturnType<typeof start>>;

const signing = (server: Server) => server.accessTokenKeys.signingKey().kid;
const published = (server: Server) => server.accessTokenKeys.published().map(({ kid }) => kid);
const sign = (server: Server) => signAccessToken(server, REQUEST).token;

/** Lets time pass on every instance, polling as they would, only less often. */
async function pass(milliseconds: number, servers: readonly Server[]) {
  const end = world.clock.now().getTime() + milliseconds;
  while (world.clock.now().getTime() < end) {
    world.clock.advance(Math.min(6 * HOUR, end - world.clock.now().getTime()));
    await Promise.all(servers.map(({ accessTokenKeys }) => accessTokenKeys.refresh()));
  }
}

describe('TK-10: automatic rotation', () => {
  test('publishes the next key ahead, activates it on time without the database, keeps the old key for a while, and then deletes it', async () => {
    const server = await start();
    const first = signing(server);
    const [, second = ''] = published(server);

    await pass(config.signingKeyLifetime - MINUTE, [server]);
    expect(signing(server)).toBe(first);
    const token = sign(server);

    world.clock.advance(MINUTE);
    expect(signing(server)).toBe(second);
    expect(verifyAccessToken(server, token)).not.toBeNull();

    await pass(KEPT_AFTER - 1, [server]);
    expect(published(server)).toContain(first);
    world.clock.advance(1);
    expect(published(server)).not.toContain(first);
    expect(server.accessTokenKeys.verificationKey(first)).toBeUndefined();

    expect((await listSigningKeys(server)).map(({ state }) => state)).toEqual([
      'expired',
      'signing',
      'waiting',
    ]);
    await pass(DAY, [server]);
    expect((await listSigningKeys(server)).map(({ kid }) => kid)).toEqual(published(server));
    expect(published(server)).toHaveLength(2);
  });

  test('happens once, however many instances find it due', async () => {
    const servers = await Promise.all([start(), start(), start(), start()]);
    await pass(config.signingKeyLifetime, servers);
    const lists = servers.map(published);
    expect(new Set(lists.map((kids) => kids.join())).size).toBe(1);
    expect(lists[0]).toHaveLength(3);
    expect(new Set(servers.map(signing)).size).toBe(1);
  });

  test('invalidates no token within a year for a resource server that reads the keys every 15 min', async () => {
    const [one, other] = [await start(), await start()];
    // What a cache of 600 s behind one of 300 s may still show.
    let known = createLocalJWKSet({ keys: [...jwks(one.accessTokenKeys).keys] });
    for (let day = 0; day < 95; day += 1) {
      await pass(DAY - 40 * MINUTE, [one, other]);
      for (const server of [one, other]) {
        const token = sign(server);
        const currentDate = world.clock.now();
        const options = { issuer: ISSUER, audience: AUDIENCE, typ: 'at+jwt', currentDate };
        await expect(jwtVerify(token, known, options)).resolves.toBeTruthy();
      }
      known = createLocalJWKSet({ keys: [...jwks(other.accessTokenKeys).keys] });
      world.clock.advance(15 * MINUTE);
      const stale = sign(one);
      const currentDate = world.clock.now();
      await expect(
        jwtVerify(stale, known, { issuer: ISSUER, audience: AUDIENCE, currentDate }),
      ).resolves.toBeTruthy();
      world.clock.advance(25 * MINUTE);
      known = createLocalJWKSet({ keys: [...jwks(one.accessTokenKeys).keys] });
    }
  });
});

describe('rotateSigningKey', () => {
  test('waits until the next key is known, and publishes another one to wait', async () => {
    const server = await start();
    const first = signing(server);
    const before = published(server);
    const turn = await rotateSigningKey(server);
    await server.accessTokenKeys.refresh();

    expect(turn.activeFrom.getTime() - world.clock.now().getTime()).toBe(PUBLISHED_AHEAD);
    expect(before).toContain(turn.kid);
    expect(published(server)).toHaveLength(3);
    expect(signing(server)).toBe(first);
    world.clock.set(turn.activeFrom);
    expect(signing(server)).toBe(turn.kid);
  });

  test('takes effect at once if the next key has long been published', async () => {
    const server = await start();
    const token = sign(server);
    world.clock.advance(PUBLISHED_AHEAD - 5 * MINUTE);
    const late = sign(server);
    world.clock.advance(5 * MINUTE);
    const turn = await rotateSigningKey(server);
    expect(turn.activeFrom).toEqual(world.clock.now());
    await server.accessTokenKeys.refresh();
    expect(signing(server)).toBe(turn.kid);
    expect(verifyAccessToken(server, late)).not.toBeNull();
    expect(verifyAccessToken(server, token)).toBeNull();
  });

  test('rotates once if it is called twice, or by many at once', async () => {
    const server = await start();
    const turns = await Promise.all(
      Array.from({ length: 6 }, () => rotateSigningKey(world.instance())),
    );
    expect(new Set(turns.map(({ kid }) => kid)).size).toBe(1);
    await server.accessTokenKeys.refresh();
    expect(published(server)).toHaveLength(3);
    const events = await queryDatabase(
      server.db,
      sql`select count(*)::int as count from audit_events where type = 'SIGNING_KEY_ROTATED'`,
    );
    expect([...events]).toEqual([{ count: 3 }]);
  });

  test('keeps the tokens of an instance that has not polled yet valid, and its own valid there', async () => {
    const [one, other] = [await start(), await start()];
    world.clock.advance(HOUR);
    await rotateSigningKey(one);
    await one.accessTokenKeys.refresh();
    expect(signing(one)).not.toBe(signing(other));
    expect(verifyAccessToken(other, sign(one))).not.toBeNull();
    expect(verifyAccessToken(one, sign(other))).not.toBeNull();
  });

  test('also works without any key', async () => {
    const turn = await rotateSigningKey(world.instance());
    expect(published(await start())).toContain(turn.kid);
  });
});

describe('TK-11: revokeSigningKey', () => {
  test('refuses every token of the key, remembered or not, and signs with the waiting key', async () => {
    const [one, other] = [await start(), await start()];
    const kid = signing(one);
    const token = sign(one);
    const verifier = createAccessTokenVerifier(other);
    expect(verifier.verify(token)).not.toBeNull();

    world.clock.advance(MINUTE);
    await revokeSigningKey(one, kid);
    expect((await listSigningKeys(one)).map(({ state }) => state)).toEqual([
      'revoked',
      'signing',
      'waiting',
    ]);
    for (const { accessTokenKeys } of [one, other]) await accessTokenKeys.refresh();

    for (const server of [one, other]) {
      expect(verifyAccessToken(server, token)).toBeNull();
      expect(published(server)).not.toContain(kid);
      expect(signing(server)).not.toBe(kid);
      expect(published(server)).toHaveLength(2);
    }
    expect(verifier.verify(token)).toBeNull();
    expect(verifyAccessToken(other, sign(one))).not.toBeNull();
  });

  test('leaves no gap: an instance that has not polled yet accepts the new tokens', async () => {
    const [one, other] = [await start(), await start()];
    await revokeSigningKey(one, signing(one));
    await one.accessTokenKeys.refresh();
    expect(verifyAccessToken(other, sign(one))).not.toBeNull();
  });

  test('publishes another key if the waiting one is revoked', async () => {
    const server = await start();
    const [first, waiting = ''] = published(server);
    await revokeSigningKey(server, waiting);
    await server.accessTokenKeys.refresh();
    expect(signing(server)).toBe(first);
    expect(published(server)).toHaveLength(2);
    expect(published(server)).not.toContain(waiting);
  });

  test('refuses the last tokens of a retired key, and changes nothing else', async () => {
    const server = await start();
    const first = signing(server);
    world.clock.advance(HOUR);
    const token = sign(server);
    await rotateSigningKey(server);
    await server.accessTokenKeys.refresh();
    expect(verifyAccessToken(server, token)).not.toBeNull();
    const current = signing(server);
    await revokeSigningKey(server, first);
    await server.accessTokenKeys.refresh();
    expect(verifyAccessToken(server, token)).toBeNull();
    expect(signing(server)).toBe(current);
  });

  test('leaves a server that signs if every key is revoked, at once and twice', async () => {
    const server = await start();
    const kids = published(server);
    await Promise.all([...kids, ...kids].map((kid) => revokeSigningKey(server, kid)));
    await server.accessTokenKeys.refresh();
    expect(kids).not.toContain(signing(server));
    const events = await queryDatabase(
      server.db,
      sql`select detail->>'kid' as kid from audit_events where type = 'SIGNING_KEY_REVOKED'`,
    );
    expect(events.map(({ kid }) => kid).sort()).toEqual([...kids].sort());
    const token = sign(server);
    expect(verifyAccessToken(server, token)).not.toBeNull();
  });

  test('throws for an unknown key', async () => {
    const server = await start();
    await expect(revokeSigningKey(server, 'unknown')).rejects.toThrow(UnknownSigningKeyError);
  });
});
