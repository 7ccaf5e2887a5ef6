import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeJwt } from 'jose';
import { emailOf, PASSWORD } from '../../../bench/lib/seed.ts';
import { LOGIN } from '../../support/journeys.ts';
import { type Balancer, openBalancer } from '../kit/balancer.ts';
import { checkLedger, describeFindings, isClean } from '../kit/check.ts';
import { anyAddress } from '../kit/device.ts';
import { openLedger, tally } from '../kit/ledger.ts';
import { signInDevices, startLoad } from '../kit/load.ts';
import { type Stage, withStage } from '../kit/stage.ts';
import { answer, challenge, enrollTotp } from '../kit/totp.ts';
import { type FaultRow, type FaultRun, type Verdict, verdict } from '../row.ts';

const PEOPLE = 30;
const DAY = 86_400;

/** How far what a lifetime says may be from the database's clock, in seconds. */
const EXACT = 2;

/** Where Debian and Ubuntu put libfaketime. */
const LIBRARY = [
  '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1',
  '/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1',
].find((path) => existsSync(path));

/** Its clock, as seconds beside the true one, or as a moment of its own. */
const SKEWS = ['-30', '+30', '-300', '+300', '@2027-03-28 01:59:50'];

/** One server of two lives at another time; then its clock is set back while it runs (ADR-0004). */
export const row: FaultRow = {
  number: 13,
  name: 'clock skew, and a clock set back by 10 min',
  run: async (run) => {
    if (!LIBRARY) return { passes: true, figure: 'not run: faketime missing' };
    const skews = run.short ? SKEWS.slice(2, 4) : SKEWS;
    const parts: Verdict[] = [];
    for (const skew of skews) parts.push(await live(run, skew, async () => undefined));
    parts.push(await live(run, '+0', (set) => set('-600')));
    return {
      passes: parts.every(({ passes }) => passes),
      figure: parts.map(({ figure }) => figure).join(' | '),
    };
  },
};

/** Two servers, one with a wrong clock, under load; and what the tokens they give are worth. */
async function live(
  run: FaultRun,
  skew: string,
  jump: (set: (skew: string) => Promise<void>) => Promise<void>,
): Promise<Verdict> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-clock-'));
  const file = join(folder, 'clock');
  await writeFile(file, skew);
  const began = Date.now();
  try {
    return await withStage(run, { people: PEOPLE + 1 }, async (stage) => {
      const wrong = await stage.start({
        LD_PRELOAD: LIBRARY ?? '',
        FAKETIME_TIMESTAMP_FILE: file,
        FAKETIME_NO_CACHE: '1',
        LOG_LEVEL: 'info',
        // A wall clock that is set does not move the monotonic one.
        DONT_FAKE_MONOTONIC: '1',
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
        // Spring forward happens at 02:00 there.
        TZ: 'Europe/Berlin',
      });
      stage.reroute();
      const ledger = openLedger();
      const client = { balancer: stage.balancer, ledger };
      const devices = await signInDevices(client, PEOPLE);
      stage.balancer.onTry((answer) => ledger.note(answer));
      const there = openBalancer([wrong.url]);
      try {
        const enrolled = await enrollTotp(there, PEOPLE + 1);
        const load = startLoad(client, { devices, people: PEOPLE });
        await sleep(1_500);
        const proveStep = async (step: number) =>
          answer(there, enrolled, { challengeToken: await challenge(there, enrolled), step });
        const spent = await proveStep(0);
        await jump((to) => writeFile(file, to));
        const replayed = await proveStep(0);
        const fresh = await proveStep(1);
        await sleep(run.short ? 2_000 : 8_000);
        await load.stop();
        const off = await lifetimes(stage, there);
        const found = await checkLedger(ledger, stage);
        const rejects = ledger.wrong.length + ledger.gaveUp;
        return verdict(
          `${skew}${skew === '+0' ? ' then -600' : ''}: false rejects ${rejects} of ` +
            `${tally(ledger.kinds)}; lifetimes off by ${off.toFixed(1)} s; ${describeFindings(found)}`,
          {
            [`no false reject (${ledger.wrong.slice(0, 2).join('; ')})`]: rejects === 0,
            [`a code is good (${spent})`]: spent === 'SignedIn',
            [`and once (${replayed})`]: replayed === 'InvalidCodeError',
            [`and the next one is good (${fresh})`]: fresh === 'SignedIn',
            'lifetimes are the database’s': off <= EXACT,
            'that clock was wrong': isWrong(wrong.log(), began),
            ledger: isClean(found),
          },
        );
      } finally {
        there.close();
      }
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Seconds by which what a fresh sign-in says of its end differs from the database's clock. */
async function lifetimes({ sql }: Stage, balancer: Balancer): Promise<number> {
  const input = { email: emailOf(1), password: PASSWORD };
  const { value } = await balancer.call(LOGIN, { input }, { from: anyAddress() });
  const { exp = 0, iat = 0 } = decodeJwt(value.accessToken);
  const [row] = await sql`
    select extract(epoch from now()) as now, extract(epoch from expires_at) as sliding,
      extract(epoch from absolute_expires_at) as absolute
    from sessions where id = ${value.viewer.session.id}`;
  const now = Number(row?.['now']);
  return Math.max(
    Math.abs(iat - now),
    Math.abs(exp - now - 900),
    Math.abs(Number(row?.['sliding']) - now - 7 * DAY),
    Math.abs(Number(row?.['absolute']) - now - 30 * DAY),
  );
}

/** Its log is written by its own clock: a skew that did not take would prove nothing. */
function isWrong(log: readonly Readonly<Record<string, unknown>>[], began: number): boolean {
  const moments = log.map(({ time }) => new Date(String(time)).getTime());
  return moments.some((moment) => moment < began - 20_000 || moment > Date.now() + 20_000);
}
