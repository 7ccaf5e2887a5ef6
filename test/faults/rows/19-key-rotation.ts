import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { productionEnv } from '../../process/spawn.ts';
import { until } from '../../support/until.ts';
import { checkLedger, describeFindings, isClean } from '../kit/check.ts';
import { openLedger } from '../kit/ledger.ts';
import { signInDevices, startLoad } from '../kit/load.ts';
import { cliOf } from '../kit/process.ts';
import { type Stage, withStage } from '../kit/stage.ts';
import { type FaultRow, verdict } from '../row.ts';

const PEOPLE = 30;
const SECRET_KEYS = randomBytes(32).toString('base64');

/** jose's own times (600 s, 30 s), sixty times shorter: so are the 16 min of a key's notice. */
const RESOURCE_SERVER = { cacheMaxAge: 10_000, cooldownDuration: 500 };

/** A minute less the sixtieth: instances read the keys every 15 s, which is not shortened. */
const NOTICE = 15_000 + 1_000 + RESOURCE_SERVER.cacheMaxAge;

/** Keys rotate while tokens are made, refreshed and checked by resource servers that cache. */
export const row: FaultRow = {
  number: 19,
  name: 'key rotation under load, jose as the resource server',
  run: (run) =>
    withStage(run, { servers: 2, people: PEOPLE, env: { SECRET_KEYS } }, async (stage) => {
      const ledger = openLedger();
      const client = { balancer: stage.balancer, ledger };
      const devices = await signInDevices(client, PEOPLE);
      const load = startLoad(client, { devices, people: PEOPLE });
      const resource = startResourceServer(stage, () => devices.map((one) => one.accessToken));
      const rotations = run.short ? 1 : 5;
      try {
        for (let rotation = 0; rotation < rotations; rotation += 1) {
          await sleep(NOTICE);
          // The waiting key has been published for its sixtieth of 16 min; now it says 16 min.
          await stage.sql`update signing_keys set created_at = created_at - interval '20 minutes'`;
          run.say(await rotate(stage, cliOf(run.bundle)));
        }
        await sleep(NOTICE);
        await resource.stop();
        const [first = ''] = resource.kids;
        // As if the retired keys had expired.
        await stage.sql`
          update signing_keys set active_from = active_from - interval '1 hour',
            created_at = created_at - interval '1 hour' where active_from <= now()`;
        const gone = await until(
          async () => !(await publishedBy(stage)).includes(first),
          40_000,
        ).then(
          () => true,
          () => false,
        );
        await load.stop();
        const found = await checkLedger(ledger, stage);
        return verdict(
          `${rotations} rotations, ${resource.kids.size} keys signed; failed verifications ` +
            `${resource.failures.length} of ${resource.checks()}; ${describeFindings(found)}`,
          {
            [`no live token is refused (${resource.failures[0] ?? ''})`]:
              resource.failures.length === 0,
            'every rotation took place': resource.kids.size === rotations + 1,
            'the first key is gone in the end': gone,
            'no call failed': ledger.wrong.length + ledger.gaveUp === 0,
            ledger: isClean(found),
          },
        );
      } finally {
        await load.stop();
        await resource.stop();
      }
    }),
};

/** Two caches, one for each instance's document; each checks new tokens and old ones. */
function startResourceServer({ servers }: Stage, tokens: () => readonly string[]) {
  const sets = servers.map(({ url }) =>
    createRemoteJWKSet(new URL(`${url}/.well-known/jwks.json`), RESOURCE_SERVER),
  );
  const failures: string[] = [];
  const kids = new Set<string>();
  const kept: string[] = [];
  let checks = 0;
  let stopped = false;
  const check = async (token: string) => {
    const { kid = '' } = decodeProtectedHeader(token);
    kids.add(kid);
    for (const set of sets) {
      checks += 1;
      await jwtVerify(token, set, { typ: 'at+jwt', algorithms: ['ES256'] }).catch((error) =>
        failures.push(`${kid.slice(0, 6)}: ${error.code}`),
      );
    }
  };
  const work = async () => {
    for (let turn = 0; !stopped; turn += 1) {
      const all = tokens();
      const fresh = all[turn % all.length];
      const old = kept[(turn * 7) % Math.max(1, kept.length)];
      if (fresh) await check(fresh);
      if (old) await check(old);
      if (fresh && turn % 20 === 0) kept.push(fresh);
      await sleep(20);
    }
  };
  const working = work();
  return {
    failures,
    kids,
    checks: () => checks,
    async stop() {
      stopped = true;
      await working;
    },
  };
}

async function rotate({ databaseUrl, sink }: Stage, cli: string): Promise<string> {
  const env = {
    ...(await productionEnv({ databaseUrl, smtpUrl: sink.url })),
    SECRET_KEYS,
  };
  const { stdout } = await promisify(execFile)(process.execPath, [cli, 'keys', 'rotate'], { env });
  return stdout.trim();
}

/** The kids of every instance's document. */
async function publishedBy({ servers }: Stage): Promise<readonly string[]> {
  const documents = await Promise.all(
    servers.map(async ({ url }) => (await fetch(`${url}/.well-known/jwks.json`)).json()),
  );
  return documents.flatMap((document) =>
    (document as { keys: { kid: string }[] }).keys.map(({ kid }) => kid),
  );
}
