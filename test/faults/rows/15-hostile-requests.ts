import { setTimeout as sleep } from 'node:timers/promises';
import { LARGE, openSlow, SLOW, sendLarge } from '../../../bench/lib/hostile.ts';
import { checkLedger, describeFindings, isClean } from '../kit/check.ts';
import { ms, percentile, within } from '../kit/figures.ts';
import { openUpstream } from '../kit/http.ts';
import { openLedger } from '../kit/ledger.ts';
import { type Load, signInDevices, startLoad } from '../kit/load.ts';
import { holdingsOf } from '../kit/process.ts';
import { withStage } from '../kit/stage.ts';
import { watchStalls } from '../kit/stalls.ts';
import { type FaultRow, verdict } from '../row.ts';

const PEOPLE = 40;
const CONNECTIONS = 500;

/** Below it, twice nothing much is still nothing much: the timers' own grain (ms). */
const UNHURRIED = 20;

/**
 * What is not plain is answered by Yoga, which a process loads for the first of it: once, so that one
 * is told apart (ADR-0012).
 */
const FIRST_LIMIT = 500;
const LIMIT = 100;

/** What is held of hostile requests may not be their sum: 20 MB each (MB). */
const GROWTH_LIMIT = 100;

/** Each asks for far more work than it is long (GQ-6). */
const BOMBS: Readonly<Record<string, object>> = {
  'duplicate fields': { query: `{ ${'authSettings { passwordMinLength } '.repeat(400)} }` },
  aliases: {
    query: `mutation { ${Array.from({ length: 100 }, (_, n) => `a${n}: login(input: {email: "a@b.co", password: "x"}) { __typename }`).join(' ')} }`,
  },
  directives: { query: `{ viewer ${'@skip(if: false) '.repeat(800)} { __typename } }` },
  'cyclic fragments': {
    query: 'fragment a on Viewer { ...b } fragment b on Viewer { ...a } { viewer { ...a } }',
  },
  'deep variables': {
    query: 'query ($a: Int) { authSettings { passwordMinLength } }',
    variables: { a: JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`) },
  },
  'a long document': { query: `{ viewer { __typename } } # ${'x'.repeat(50_000)}` },
};

/** Everything that is sent to hurt, at once, beside people who want to sign in. */
export const row: FaultRow = {
  number: 15,
  name: 'cost bombs, 20 MB bodies, 500 slow connections',
  run: (run) =>
    withStage(run, { people: PEOPLE }, async (stage) => {
      const ledger = openLedger();
      const client = { balancer: stage.balancer, ledger };
      const devices = await signInDevices(client, PEOPLE);
      stage.balancer.onTry((answer) => ledger.note(answer));
      const [server] = stage.servers;
      if (!server) throw new TypeError('There is no server.');
      const port = Number(new URL(server.url).port);
      const seconds = run.short ? 5 : 20;
      const stalls = watchStalls();
      const load = startLoad(client, { devices, people: PEOPLE, share: run.share });
      await sleep(2_000);
      const quietFrom = performance.now();
      await sleep(seconds * 1000);
      const before = await holdingsOf(server.pid);

      const hostileFrom = performance.now();
      const kinds = Object.values(SLOW);
      const slow = Array.from({ length: CONNECTIONS }, (_, index) =>
        openSlow(port, kinds[index % kinds.length] ?? SLOW['slow bodies']),
      );
      const upstream = openUpstream(server.url);
      const bombs: { readonly name: string; readonly status: number; readonly took: number }[] = [];
      const large: string[] = [];
      let highest = before.rss;
      let most = 0;
      for (let turn = 0; performance.now() - hostileFrom < seconds * 1000; turn += 1) {
        for (const [name, json] of Object.entries(BOMBS)) {
          const { status, milliseconds } = await upstream.send('/graphql', { json });
          bombs.push({ name, status: status ?? 0, took: milliseconds });
        }
        large.push(await sendLarge(port, turn % 2 === 0 ? LARGE.declared : LARGE.chunked));
        const now = await holdingsOf(server.pid);
        highest = Math.max(highest, now.rss);
        most = Math.max(most, now.descriptors);
        await sleep(200);
      }
      const until = performance.now();
      for (const one of slow) one.close();
      upstream.close();
      await load.stop();
      stalls.stop();
      const holds = async () => (await holdingsOf(server.pid)).descriptors;
      const closedAt = performance.now();
      // Idle connections of the load stay as they were: a few more or fewer are its own.
      while ((await holds()) > before.descriptors + 10 && performance.now() - closedAt < 15_000) {
        await sleep(100);
      }
      const after = await holds();
      const exited = await Promise.race([server.ended, sleep(0, null)]);
      const found = await checkLedger(ledger, stage);
      const p99 = (kind: keyof Load['timings'], from: number, to: number) =>
        percentile(within(load.timings[kind], from, to), 0.99);
      const names = ['viewer', 'refresh'] as const;
      const p99s = names.map((kind) => ({
        kind,
        quiet: p99(kind, quietFrom, hostileFrom),
        hostile: p99(kind, hostileFrom, until),
      }));
      const accepted = bombs.filter(({ status }) => status < 400 || status >= 500);
      const [first, ...others] = bombs;
      const slowest = others.reduce((worst, one) => (one.took > worst.took ? one : worst));
      const taken = large.filter((line) => line !== '' && !/ (413|408|400) /.test(line));
      return verdict(
        `${bombs.length} bombs refused, the first after ${ms(first?.took ?? 0)}, the slowest of the ` +
          `others after ${ms(slowest.took)} (${slowest.name}); ` +
          `${large.length} bodies of 20 MB refused; ${p99s
            .map((one) => `${one.kind} p99 ${ms(one.quiet)} to ${ms(one.hostile)}`)
            .join(', ')} (stalls to ${ms(stalls.longest())}); RSS ${before.rss.toFixed(0)} to ` +
          `${highest.toFixed(0)} MB; descriptors ${before.descriptors} to ${most} to ${after}; ${describeFindings(found)}`,
        {
          'the slow were there': most >= before.descriptors + CONNECTIONS / 2,
          [`every bomb is refused (${accepted[0]?.name}: ${accepted[0]?.status})`]:
            accepted.length === 0,
          'the first is refused at once': stalls.isBusy() || (first?.took ?? 0) < FIRST_LIMIT,
          'bombs are refused at once': stalls.isBusy() || slowest.took < LIMIT,
          [`every large body is refused (${taken[0]})`]: taken.length === 0,
          'p99 below twice': p99s.every(
            ({ quiet, hostile }) =>
              stalls.isBusy() || hostile < 2 * quiet + stalls.longest() || hostile < UNHURRIED,
          ),
          memory: highest - before.rss < GROWTH_LIMIT,
          'descriptors return': after <= before.descriptors + 10,
          'the process stays': exited === null,
          [`only right answers (${ledger.wrong.slice(0, 3).join('; ')})`]:
            ledger.wrong.length === 0,
          ledger: isClean(found),
        },
      );
    }),
};
