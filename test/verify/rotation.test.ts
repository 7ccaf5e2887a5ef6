import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { jwks } from '../../src/access-token/discovery.ts';
import { createAccessTokenKeys } from '../../src/access-token/keys.ts';
import { signAccessToken } from '../../src/access-token/sign.ts';
import { createVerifier } from '../../verify/src/index.ts';
import { createWorld, type World } from '../access-token/database.ts';
import { AUDIENCE, ISSUER, REQUEST } from '../access-token/support.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** Past the third change of keys. */
const DAYS = 95;

let world: World;
beforeEach(async () => {
  world = await createWorld();
  vi.useFakeTimers({ toFake: ['Date'], now: world.clock.now() });
});
afterEach(async () => {
  vi.useRealTimers();
  await world.close();
});

/** Moves the issuer's clock and the resource server's. */
function pass(milliseconds: number): void {
  world.clock.advance(milliseconds);
  vi.setSystemTime(world.clock.now());
}

test(`TK-10: of an issuer's tokens over ${DAYS} days and three keys, none is rejected`, async () => {
  const deps = world.instance();
  const accessTokenKeys = await createAccessTokenKeys(deps);
  world.onClose(() => accessTokenKeys.stop());
  let requests = 0;
  const verifier = createVerifier({
    issuer: ISSUER,
    audience: AUDIENCE,
    now: () => world.clock.now(),
    fetch: async () => {
      requests += 1;
      return Response.json(jwks(accessTokenKeys));
    },
  });
  const kids = new Set<string>();
  let refused = 0;
  for (let day = 0; day < DAYS; day += 1) {
    // A busy quarter of an hour, then the rest of the day.
    for (let minute = 0; minute < 15; minute += 5) {
      await accessTokenKeys.refresh();
      kids.add(accessTokenKeys.signingKey().kid);
      const { token } = await signAccessToken({ ...deps, accessTokenKeys }, REQUEST);
      if (!(await verifier.verifyAccessToken(token))) refused += 1;
      pass(5 * MINUTE);
      if (!(await verifier.verifyAccessToken(token))) refused += 1;
    }
    pass(DAY - 15 * MINUTE);
  }
  expect(refused).toBe(0);
  expect(kids.size).toBe(4);
  expect(requests).toBeLessThanOrEqual(2 * DAYS);
}, 60_000);
