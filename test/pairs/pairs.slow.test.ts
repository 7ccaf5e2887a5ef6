import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { type Pgbouncer, pgbouncerVersion, startPgbouncer } from '../support/pgbouncer.ts';
import { createTestDatabase, databaseUrl } from '../support/postgres.ts';
import { until } from '../support/until.ts';
import { coveringArray, pairsIn, pairsOf } from './covering-array.ts';
import { differences, settingsOf, start } from './deployment.ts';
import { type Deployment, FACTORS, IMPOSSIBLE } from './factors.ts';
import { mainJourney } from './journey.ts';

/**
 * P-3: features of one product that never met. Each pair of them is in one of these deployments: real
 * processes that a person goes through by the client library, from the sign-up to the last sign-out.
 * `npm run pairs` runs them all; the suite takes the one in which nearly everything is on.
 */

const hasPooler = pgbouncerVersion() !== null;
const POSSIBLE = hasPooler ? FACTORS : { ...FACTORS, database: ['direct'] };
const DEPLOYMENTS = coveringArray(POSSIBLE, IMPOSSIBLE) as unknown as readonly Deployment[];
/** The first one that differs from a new deployment: nearly everything is on. */
const IN_THE_SUITE = DEPLOYMENTS.slice(1, 2);
const runs = process.env['PAIRS'] === 'all' ? DEPLOYMENTS : IN_THE_SUITE;

let pooler: Pgbouncer | null = null;
beforeAll(async () => {
  if (hasPooler) pooler = await startPgbouncer(inject('postgresServerUrl'));
});
afterAll(() => pooler?.stop());

test('every pair that is possible is in a deployment', () => {
  const all = pairsOf(FACTORS);
  const met = new Set(coveringArray(FACTORS, IMPOSSIBLE).flatMap(pairsIn));
  const missing = all.filter((pair) => !met.has(pair));
  const named = IMPOSSIBLE.map(({ levels: [factor, level, other, one] }) =>
    [`${factor}=${level}`, `${other}=${one}`].sort().join(' × '),
  );
  expect(missing.sort()).toEqual(named.sort());
  const here = new Set(runs.flatMap((deployment) => pairsIn(deployment)));
  process.stdout.write(
    `${all.length} pairs, ${named.length} of them impossible; ${DEPLOYMENTS.length} deployments hold ` +
      `the others; run here: ${runs.length} deployments, ${here.size} pairs` +
      `${hasPooler ? '' : '; none with pgbouncer, which is not installed'}\n`,
  );
});

test.each(IMPOSSIBLE.filter(({ levels }) => levels[0] === 'mode'))(
  '$levels: $because',
  ({ levels: [, mode, factor, level], because }) => {
    const first = Object.fromEntries(
      Object.entries(FACTORS).map(([name, levels]) => [name, levels[0]]),
    );
    const deployment = { ...first, mode, [factor]: level } as unknown as Deployment;
    const env = settingsOf(deployment, {
      databaseUrl: 'postgres://latchkey:secret@127.0.0.1/latchkey',
      smtpUrl: 'smtp://127.0.0.1:9',
      port: 4000,
      metricsPort: 4001,
      collectorUrl: 'http://127.0.0.1:4318',
    });
    expect(() => loadConfig(env)).toThrow(because);
  },
);

describe('P-3: a person goes through', () => {
  test.each(runs.map((deployment) => [differences(deployment), deployment] as const))(
    '%s',
    async (_name, deployment) => {
      const database = await createTestDatabase('direct');
      onTestFinished(() => database.drop());
      const name = new URL(database.url).pathname.slice(1);
      const url =
        deployment.database === 'pgbouncer' && pooler
          ? databaseUrl(pooler.url, name)
          : database.url;
      const running = await start(deployment, url);
      onTestFinished(() => running.close());
      const { process: server, client } = running;
      try {
        await mainJourney(client, 'pair@example.com', {
          mustVerify: deployment.verification === 'required',
          knowsBreaches: deployment.breach === 'on',
          mustEnroll: deployment.mfa === 'required',
        });
        await around(deployment, running);
        server.kill('SIGTERM');
        expect(await server.ended).toBe(0);
        const trouble = server.log().filter(({ level }) => Number(level) >= 50);
        expect(trouble).toEqual([]);
      } catch (error) {
        throw new Error(`The server said last:\n${server.output().slice(-6000)}`, { cause: error });
      }
    },
    120_000,
  );
});

/** What else is on in a deployment, and looked at once. */
async function around(deployment: Deployment, running: Awaited<ReturnType<typeof start>>) {
  const { url, metricsPort, exported } = running;
  expect((await fetch(`${url}/health/ready`)).status).toBe(200);
  expect((await fetch(`${url}/.well-known/jwks.json`)).status).toBe(200);
  // An address of IPv6 that is none in particular is one of IPv4 as well.
  const { port } = new URL(url);
  if (deployment.host === '[::]')
    expect((await fetch(`http://127.0.0.1:${port}/health/live`)).status).toBe(200);
  if (deployment.metrics === 'on') {
    for (let worker = 0; worker < Number(deployment.workers); worker += 1) {
      const metrics = await fetch(`http://127.0.0.1:${metricsPort + worker}/metrics`);
      expect(await metrics.text()).toContain('# TYPE');
    }
  }
  if (deployment.telemetry === 'otlp') await until(() => exported.has('/v1/traces'), 30_000);
  const origins = ['https://app.example.com', 'https://admin.example.com', 'https://evil.test'];
  const allowed = await Promise.all(
    origins.map(async (origin) => {
      const response = await fetch(`${url}/graphql`, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST' },
      });
      return response.headers.get('access-control-allow-origin');
    }),
  );
  expect(allowed).toEqual(
    deployment.origins === 'two' ? [...origins.slice(0, 2), null] : [null, null, null],
  );
  const posted = await fetch(`${url}/oauth/form-post/apple`, {
    method: 'POST',
    headers: { origin: 'https://appleid.apple.com' },
    body: new URLSearchParams({ state: 'unknown', code: 'any' }),
  });
  expect(posted.status).toBe(deployment.providers === 'presets' ? 400 : 404);
  const page = await fetch(`${url}/graphql`, { headers: { accept: 'text/html' } });
  expect(page.status).toBe(deployment.introspection === 'on' ? 200 : 405);
  const asked = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ __schema { queryType { name } } }' }),
  });
  const answersIntrospection = ((await asked.json()) as { readonly data?: object }).data != null;
  // A list of trusted documents holds against introspection as against everything else.
  expect(answersIntrospection).toBe(
    deployment.introspection === 'on' && deployment.documents === 'any',
  );
}
