import { setTimeout as sleep } from 'node:timers/promises';
import { emailOf, PASSWORD } from '../../../bench/lib/seed.ts';
import { REGISTER } from '../../support/journeys.ts';
import type { SmtpSink } from '../../support/smtp-sink.ts';
import { type Balancer, kindOf } from '../kit/balancer.ts';
import { anyAddress } from '../kit/device.ts';
import { ms, percentile } from '../kit/figures.ts';
import { copies, waitingMails } from '../kit/outbox.ts';
import { type Stage, withStage } from '../kit/stage.ts';
import { type FaultRow, type FaultRun, type Verdict, verdict } from '../row.ts';

const RESET = `mutation ($input: RequestPasswordResetInput!) {
  requestPasswordReset(input: $input) { __typename } }`;

/** How soon all of it is delivered once the server is back (F-10). */
const DELIVERY_LIMIT = 60_000;

/** The share, and beside it what a few milliseconds of noise are on a busy machine. */
const SLOWER = 1.1;
const NOISE = 15;

type Fault = {
  readonly name: string;
  begin(sink: SmtpSink): Promise<unknown>;
  /** It delivers all the same, only later. */
  readonly delivers?: boolean;
};

const mode = (wanted: SmtpSink['mode']) => async (sink: SmtpSink) => {
  sink.mode = wanted;
};

const FAULTS: readonly Fault[] = [
  { name: 'refused', begin: (sink) => sink.stop() },
  { name: '4xx', begin: mode({ kind: 'refuse', command: 'RCPT', reply: '451 4.3.0 later' }) },
  { name: 'black hole', begin: mode({ kind: 'black-hole' }) },
  { name: 'slow', begin: mode({ kind: 'slow', delay: 400 }), delivers: true },
];

/** The mail server misbehaves; who registers or asks for a reset does not notice. */
export const row: FaultRow = {
  number: 10,
  name: 'mail server refused, 4xx, black hole, slow; a crash while sending',
  run: async (run) => {
    const calls = run.short ? 6 : 40;
    const people = 2 * calls * FAULTS.length;
    const faults = run.short ? FAULTS.slice(0, 2) : FAULTS;
    return await withStage(run, { people }, (healthy) =>
      withStage(run, { people }, async (stage) => {
        const parts: Verdict[] = [];
        for (const [index, fault] of faults.entries()) {
          const first = 1 + index * calls;
          parts.push(await suffer(fault, { stage, healthy, first, calls, run }));
        }
        parts.push(await crash(stage, 1 + faults.length * calls));
        return {
          passes: parts.every(({ passes }) => passes),
          figure: parts.map(({ figure }) => figure).join(' | '),
        };
      }),
    );
  },
};

async function suffer(
  fault: Fault,
  at: { stage: Stage; healthy: Stage; first: number; calls: number; run: FaultRun },
): Promise<Verdict> {
  const { stage, healthy, first, calls } = at;
  const { sink, sql } = stage;
  const before = sink.mails.length;
  await fault.begin(sink);
  const [there, here]: [number[], number[]] = [[], []];
  // In turn, with a server whose mail server is well: what slows the machine slows both.
  for (let person = first; person < first + calls; person += 1) {
    there.push(await ask(healthy.balancer, fault.name, person));
    here.push(await ask(stage.balancer, fault.name, person));
  }
  await sleep(3_000);
  const kept = await waitingMails(stage);
  const lost = 2 * calls - kept - (sink.mails.length - before);
  // One mail's time runs out meanwhile: who waited for it has asked again, or left.
  const expired = await sql`
    update mail_outbox set expires_at = now() where id = (
      select id from mail_outbox where sent_at is null and dead_at is null order by id desc limit 1)
    returning recipient, template`;
  const [tried] = await sql`
    select max(extract(epoch from next_attempt_at - now()))::float as longest, max(attempts) as most
    from mail_outbox where sent_at is null and dead_at is null`;
  sink.mode = { kind: 'accept' };
  if (fault.name === 'refused') await sink.start();
  const recovered = performance.now();
  while ((await waitingMails(stage)) > 0 && performance.now() - recovered < 2 * DELIVERY_LIMIT) {
    await sleep(100);
  }
  const took = performance.now() - recovered;
  const delivered = sink.mails.length - before;
  const slower = percentile(here, 0.5) - percentile(there, 0.5) * SLOWER;
  const { extra } = copies(sink);
  return verdict(
    `${fault.name}: p50 ${ms(percentile(here, 0.5))} beside ${ms(percentile(there, 0.5))}; ` +
      `${kept} of ${2 * calls} kept, the longest pause ${ms(Math.max(0, 1000 * Number(tried?.['longest'] ?? 0)))}; ` +
      `${delivered} delivered ${ms(took)} after recovery, ${extra} twice`,
    {
      'latency unchanged': slower <= NOISE,
      'no mail is lost': lost === 0,
      'mails wait meanwhile': fault.delivers === true || kept === 2 * calls,
      'delivered within 60 s': took <= DELIVERY_LIMIT,
      'all but the expired one': delivered === 2 * calls - expired.length,
      'none twice': extra === 0,
    },
  );
}

/** A registration and a reset; milliseconds of both. */
async function ask(balancer: Balancer, prefix: string, person: number): Promise<number> {
  const from = anyAddress();
  const name = prefix.replaceAll(/\W/g, '');
  const input = { email: `${name}-${person}@bench.example`, password: PASSWORD };
  const registered = await balancer.once(REGISTER, { input }, { from });
  const reset = await balancer.once(RESET, { input: { email: emailOf(person) } }, { from });
  const kinds = [kindOf(registered), kindOf(reset)].join(' ');
  if (kinds !== 'EmailVerificationRequired EmailSent') throw new Error(kinds);
  return registered.milliseconds + reset.milliseconds;
}

/** The process dies with mails half handed over; another one takes them up when their lease ends. */
async function crash(stage: Stage, first: number): Promise<Verdict> {
  const { sink, balancer } = stage;
  const before = sink.mails.length;
  sink.mode = { kind: 'slow', delay: 100 };
  for (let person = first; person < first + 6; person += 1) await ask(balancer, 'crash', person);
  while (sink.mails.length === before) await sleep(5);
  const [server] = stage.servers;
  if (server) await stage.end(server, 'SIGKILL');
  sink.mode = { kind: 'accept' };
  await stage.start();
  stage.reroute();
  const restarted = performance.now();
  while ((await waitingMails(stage)) > 0 && performance.now() - restarted < 2 * DELIVERY_LIMIT) {
    await sleep(100);
  }
  const { extra, most } = copies(sink);
  const delivered = sink.mails.length - before - extra;
  return verdict(
    `killed while sending: ${delivered} of 12 delivered after ${ms(performance.now() - restarted)}, ` +
      `${extra} of them twice`,
    { 'every mail': delivered === 12, 'at most one copy more of each': most <= 2 },
  );
}
