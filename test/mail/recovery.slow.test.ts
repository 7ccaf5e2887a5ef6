import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { run } from '../../src/db/executor.ts';
import { SECOND } from '../../src/kernel/duration.ts';
import type { Mailer } from '../../src/kernel/ports.ts';
import { enqueueMail } from '../../src/mail/enqueue.ts';
import { createSmtpMailer } from '../../src/mail/smtp-mailer.ts';
import { type OutboxWorker, startOutboxWorker } from '../../src/mail/worker.ts';
import { createSmtpSink, type SmtpSink } from '../support/smtp-sink.ts';
import { createTestOutbox, notice, type TestOutbox } from './outbox.ts';

// F-10, F-11: the whole way from the table to the wire, while the server misbehaves.
let outbox: TestOutbox;
let sink: SmtpSink;
let mailer: Mailer;
let worker: OutboxWorker;

beforeEach(async () => {
  outbox = await createTestOutbox({ clock: { now: () => new Date() } });
  sink = await createSmtpSink();
  mailer = createSmtpMailer({ url: sink.url, from: 'no-reply@example.com', timeout: 300 });
  worker = startOutboxWorker({ ...outbox.deps, mailer }, { pollEvery: 100 });
});
afterEach(async () => {
  await worker.stop();
  mailer.close();
  await sink.stop();
  await outbox.close();
});

const enqueue = async (count: number) => {
  for (let n = 0; n < count; n += 1) {
    const mail = { to: `p${n}@example.com`, message: notice() };
    await run(outbox.deps.db, enqueueMail(outbox.deps, mail));
  }
  worker.wake();
};
const delivered = () => sink.mails.flatMap(({ to }) => to);
const messageIds = () => sink.mails.map(({ data }) => /^Message-ID: (.*)$/m.exec(data)?.[1]);

test.each([
  ['refuses connections', () => sink.stop(), () => sink.start()],
  ['is a black hole', () => misbehave({ kind: 'black-hole' }), () => misbehave({ kind: 'accept' })],
  [
    'says 4xx to every recipient',
    () => misbehave({ kind: 'refuse', command: 'RCPT', reply: '451 4.3.0 later' }),
    () => misbehave({ kind: 'accept' }),
  ],
  [
    'says 4xx to every content',
    () => misbehave({ kind: 'refuse', command: 'BODY', reply: '451 4.3.0 later' }),
    () => misbehave({ kind: 'accept' }),
  ],
] as const)(
  'a server that %s loses no mail and doubles none',
  async (_, fail, recover) => {
    await fail();
    await enqueue(6);
    await sleep(2 * SECOND);
    expect(delivered()).toEqual([]);
    const waiting = await outbox.rows();
    expect(waiting.filter(({ sentAt, deadAt }) => sentAt === null && deadAt === null)).toHaveLength(
      6,
    );
    await recover();
    await vi.waitFor(() => expect(delivered()).toHaveLength(6), 15 * SECOND);
    await sleep(300);
    expect(new Set(delivered()).size).toBe(6);
    expect(new Set(messageIds()).size).toBe(6);
    expect((await outbox.rows()).filter(({ sentAt }) => sentAt === null)).toHaveLength(0);
  },
  30_000,
);

test('a slow mail server gets each mail once', async () => {
  misbehave({ kind: 'slow', delay: 50 });
  await enqueue(12);
  await vi.waitFor(() => expect(delivered()).toHaveLength(12), 15 * SECOND);
  await sleep(500);
  expect(new Set(delivered()).size).toBe(12);
}, 20_000);

test('a backlog drains at 20 mails a second or more, longest due first', async () => {
  await sink.stop();
  await enqueue(200);
  await vi.waitFor(() => expect(outbox.logged.join()).toContain('mail postponed'), 5 * SECOND);
  await sink.start();
  await vi.waitFor(() => expect(delivered().length).toBeGreaterThan(0), 10 * SECOND);
  const started = performance.now();
  // Those that met the outage were put back and stand behind the others.
  const putBack = new Set(
    (await outbox.rows())
      .filter(({ lastError }) => lastError !== null)
      .map(({ recipient }) => recipient),
  );
  expect(putBack.size).toBeLessThan(16);
  await vi.waitFor(() => expect(delivered()).toHaveLength(200), 10 * SECOND);
  expect(200 / ((performance.now() - started) / SECOND)).toBeGreaterThan(20);
  // Lanes run side by side, so order holds to within their number, twice over for stragglers.
  const order = delivered().filter((to) => !putBack.has(to));
  const numbers = order.map((to) => Number(/\d+/.exec(to)?.[0]));
  const expected = numbers.toSorted((a, b) => a - b);
  numbers.forEach((number, place) => {
    expect(Math.abs(expected.indexOf(number) - place)).toBeLessThan(16);
  });
}, 30_000);

function misbehave(mode: SmtpSink['mode']): void {
  sink.mode = mode;
}

test('a transport that cannot be created loses no mail, and is created again after a pause', async () => {
  await worker.stop();
  let isBroken = true;
  let tries = 0;
  mailer = createSmtpMailer({
    url: sink.url,
    from: 'no-reply@example.com',
    load: async () => {
      tries += 1;
      if (isBroken) throw Object.assign(new Error('too many open files'), { code: 'EMFILE' });
      return await import('nodemailer');
    },
  });
  worker = startOutboxWorker({ ...outbox.deps, mailer }, { pollEvery: 100 });
  await enqueue(6);
  await vi.waitFor(() => expect(tries).toBeGreaterThan(0), 5 * SECOND);
  expect(delivered()).toEqual([]);
  isBroken = false;
  await vi.waitFor(() => expect(new Set(delivered()).size).toBe(6), 20 * SECOND);
  expect(delivered()).toHaveLength(6);
}, 30_000);
