import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { createAuthenticator, publicKeyOf } from '../../test/support/authenticator.ts';
import { graphql, loginRequest, tokensOf } from '../contenders/callers.ts';
import { migrate, SECRET_KEYS, startLatchkey } from '../contenders/latchkey.ts';
import { startBenchPostgres, withDatabase } from '../lib/database.ts';
import { call } from '../lib/load.ts';
import { stepAside } from '../lib/machine.ts';
import { addressOf, emailOf, seedPeople } from '../lib/seed.ts';
import { median } from '../lib/statistics.ts';

/**
 * Measures the processor time of a sign-in with a passkey, its start and its completion, and of one with a password,
 * in turns. After `npm run build`: `node bench/parts/passkey.ts [--rounds 5] [--people 100]`
 */

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    people: { type: 'string', default: '100' },
  },
});
const ROUNDS = Number(values.rounds);
const PEOPLE = Number(values.people);
const APP_URL = 'http://localhost:3000';

const START =
  'mutation { startPasskeySignIn { __typename ... on PasskeyRequest { ceremonyToken options } } }';
const COMPLETE = `mutation ($input: CompletePasskeySignInInput!) { completePasskeySignIn(input: $input) {
  __typename ... on SignedIn { accessToken refreshToken } } }`;

/** Every person has one passkey, which is written as an enrollment would write it. */
async function seedPasskeys(url: string) {
  const authenticators = Array.from({ length: PEOPLE }, (_, index) => {
    const authenticator = createAuthenticator({ origin: APP_URL });
    const id = randomBytes(64).toString('base64url');
    authenticator.create({
      rp: { id: 'localhost' },
      user: { id },
      challenge: '',
      excludeCredentials: [],
    });
    const [passkey] = authenticator.passkeys;
    if (!passkey) throw new TypeError('no passkey');
    return { authenticator, passkey, email: emailOf(index + 1) };
  });
  await withDatabase(url, async (sql) => {
    for (const { passkey, email } of authenticators) {
      await sql`insert into passkey_handles (user_id, handle)
        select id, ${Buffer.from(passkey.userHandle, 'base64url')} from users where email = ${email}`;
      await sql`insert into passkeys (id, user_id, credential_id, public_key, algorithm, counter,
          backup_eligible, backed_up, transports, name, created_at)
        select gen_random_uuid(), id, ${Buffer.from(passkey.id, 'base64url')},
          ${publicKeyOf(passkey)}, -7, 0, true, true, '{}', 'Passkey', now()
        from users where email = ${email}`;
    }
  });
  return authenticators.map(({ authenticator }) => authenticator);
}

stepAside();
const postgres = await startBenchPostgres();
try {
  const url = await postgres.create('passkey');
  await migrate(url);
  await seedPeople(url, PEOPLE, SECRET_KEYS);
  const authenticators = await seedPasskeys(url);
  const { port, program } = await startLatchkey(url, { env: { APP_URL } });
  const headersOf = (index: number) => ({ 'x-forwarded-for': addressOf(index + 1) });
  const cpuOf = async (work: (index: number) => Promise<void>) => {
    const before = program.cpuMs() ?? Number.NaN;
    for (let index = 0; index < PEOPLE; index += 1) await work(index);
    return ((program.cpuMs() ?? Number.NaN) - before) / PEOPLE;
  };
  const figures = { start: [] as number[], completion: [] as number[], password: [] as number[] };
  // The first round warms the server up and loads the library.
  for (let round = 0; round <= ROUNDS; round += 1) {
    const proofs: object[] = [];
    const start = await cpuOf(async (index) => {
      const { body } = await call(port, graphql(START, {}, headersOf(index)));
      const { ceremonyToken, options } = JSON.parse(body).data.startPasskeySignIn;
      proofs.push({ ceremonyToken, assertion: authenticators[index]?.get(options) });
    });
    const completion = await cpuOf(async (index) => {
      const input = { proof: proofs[index] };
      const answer = await call(port, graphql(COMPLETE, { input }, headersOf(index)));
      tokensOf('completePasskeySignIn', answer);
    });
    const password = await cpuOf(async (index) => {
      tokensOf('login', await call(port, loginRequest(index + 1)));
    });
    if (round === 0) continue;
    figures.start.push(start);
    figures.completion.push(completion);
    figures.password.push(password);
  }
  const [start, completion, password] = Object.values(figures).map(median);
  const passkey = (start ?? Number.NaN) + (completion ?? Number.NaN);
  console.log(
    `passkey: ${passkey.toFixed(2)} ms CPU (start ${start?.toFixed(2)}, completion ${completion?.toFixed(2)}); ` +
      `password: ${password?.toFixed(2)} ms; ${((password ?? Number.NaN) / passkey).toFixed(1)} times as much`,
  );
  await program.stop();
} finally {
  await postgres.stop();
}
