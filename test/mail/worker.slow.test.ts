import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Query } from '../../src/db/driver/host-connection.ts';
import { run } from '../../src/db/executor.ts';
import { HOUR, SECOND } from '../../src/kernel/duration.ts';
import { enqueueMail } from '../../src/mail/enqueue.ts';
import { MailServerUnavailableError } from '../../src/mail/errors.ts';
import { createSmtpMailer } from '../../src/mail/smtp-mailer.ts';
import { DEFAULT_THROUGHPUT, type OutboxWorker, startOutboxWorker } from '../../src/mail/worker.ts';
import { createSmtpSink } from '../support/smtp-sink.ts';
import { until } from '../support/until.ts';
import { createTestOutbox, notice, type TestOutbox } from './outbox.ts';

const { concurrency: CONCURRENCY } = DEFAULT_THROUGHPUT;

let outbox: TestOutbox;
let workers: OutboxWorker[];

beforeEach(async () => {
  outbox = await createTestOutbox({ clock: { now: () => new Date() } });
  workers = [];
});
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  await outbox.close();
});

const start = (pollEvery: number) => {
  const worker = startOutboxWorker(outbox.deps, { pollEvery });
  workers.push(worker);
  return worker;
};
const enqueue = (to: string) =>
  run(outbox.deps.db, enqueueMail(outbox.deps, { to, message: notice() }));
const sent = () => outbox.mailer.sent.map(({ to }) => to);
/** Every sender has asked for a mail, and those that got none have ended. */
const sendersAsked = () =>
  until(() => {
    const { open, idle } = outbox.deps.db.pool.stats();
    return open > 0 && idle === open;
  });

describe('startOutboxWorker', () => {
  test('sends the mails that were left behind, and then each mail it is woken for', async () => {
    await enqueue('left@example.com');
    const worker = start(HOUR);
    await vi.waitFor(() => expect(sent()).toEqual(['left@example.com']));
    await enqueue('new@example.com');
    worker.wake();
    await vi.waitFor(() => expect(sent()).toHaveLength(2));
  });

  test('notices a mail that no wake announced', async () => {
    start(50);
    // The pass at the start shall not find it.
    await sendersAsked();
    await enqueue('ada@example.com');
    await vi.waitFor(() => expect(sent()).toHaveLength(1));
  });

  test('misses no wake during a pass', async () => {
    const worker = start(HOUR);
    const { promise, resolve } = Promise.withResolvers<void>();
    let started = 0;
    outbox.mailer.before = async () => {
      started += 1;
      if (started === 1) await promise;
    };
    await enqueue('first@example.com');
    worker.wake();
    await vi.waitFor(() => expect(started).toBe(1));
    // Only the first is still in the pass.
    await sendersAsked();
    await enqueue('second@example.com');
    worker.wake();
    resolve();
    await vi.waitFor(() => expect(sent()).toHaveLength(2));
  });

  test('misses no wake between the end of a pass and its wait', async () => {
    const { db } = outbox.deps;
    const { promise, resolve } = Promise.withResolvers<void>();
    const claimed = Promise.withResolvers<void>();
    // Nothing was left to claim, and the pass has not heard of it yet.
    const slow: typeof db = Object.assign(Object.create(db), {
      run: async (query: Query) => {
        const rows = await db.run(query);
        if (!query.text.startsWith('update')) return rows;
        claimed.resolve();
        await promise;
        return rows;
      },
    });
    const worker = startOutboxWorker({ ...outbox.deps, db: slow }, { pollEvery: HOUR });
    workers.push(worker);
    await claimed.promise;
    await enqueue('ada@example.com');
    worker.wake();
    resolve();
    await vi.waitFor(() => expect(sent()).toHaveLength(1));
  });

  test('sends several mails at once, and at most its concurrency', async () => {
    let now = 0;
    let most = 0;
    outbox.mailer.before = async () => {
      now += 1;
      most = Math.max(most, now);
      // No sender continues before all are busy; then there is time for one too many.
      await vi.waitFor(() => expect(most).toBeGreaterThanOrEqual(CONCURRENCY), 5 * SECOND);
      await sleep(20);
      now -= 1;
    };
    await Promise.all(Array.from({ length: 40 }, (_, n) => enqueue(`p${n}@example.com`)));
    start(HOUR);
    await vi.waitFor(() => expect(sent()).toHaveLength(40), 5 * SECOND);
    expect(most).toBe(CONCURRENCY);
  });

  test('O-22: sends as many mails at once, and as many a second, as it is configured to', async () => {
    const sentAt: number[] = [];
    let now = 0;
    let most = 0;
    outbox.mailer.before = async () => {
      sentAt.push(performance.now());
      now += 1;
      most = Math.max(most, now);
      await sleep(30);
      now -= 1;
    };
    await Promise.all(Array.from({ length: 33 }, (_, n) => enqueue(`p${n}@example.com`)));
    const throughput = { concurrency: 3, rate: 20 };
    workers.push(startOutboxWorker(outbox.deps, { pollEvery: HOUR, throughput }));
    await vi.waitFor(() => expect(sent()).toHaveLength(33), 5 * SECOND);
    expect(most).toBe(3);
    // Three leave at once; the thirty after them take a second and a half, and no less.
    const spread = (sentAt.at(-1) ?? 0) - (sentAt[0] ?? 0);
    expect(spread).toBeGreaterThan(1_450);
  });

  test('O-22: a mail is spaced before it is claimed, so that its lease never ends first', async () => {
    await Promise.all(Array.from({ length: 6 }, (_, n) => enqueue(`p${n}@example.com`)));
    const throughput = { concurrency: 2, rate: 1 };
    workers.push(startOutboxWorker(outbox.deps, { pollEvery: HOUR, throughput }));
    await vi.waitFor(() => expect(sent()).toHaveLength(2));
    const attempted = (await outbox.rows()).filter(({ attempts }) => attempts > 0);
    expect(attempted).toHaveLength(2);
  });

  test('shares the mails with another process, each sent once', async () => {
    outbox.mailer.before = () => sleep(5);
    start(20);
    start(20);
    await Promise.all(Array.from({ length: 50 }, (_, n) => enqueue(`p${n}@example.com`)));
    await vi.waitFor(() => expect(sent()).toHaveLength(50), 5 * SECOND);
    await sleep(100);
    expect(new Set(sent()).size).toBe(50);
    expect(sent()).toHaveLength(50);
  });

  test('pauses after an outage, probes the server with one mail, and then sends all', async () => {
    let tries = 0;
    outbox.mailer.before = () => {
      tries += 1;
      throw new MailServerUnavailableError('ECONNREFUSED CONN');
    };
    await Promise.all(Array.from({ length: 30 }, (_, n) => enqueue(`p${n}@example.com`)));
    const worker = start(20);
    const waking = setInterval(() => worker.wake(), 10);
    await sleep(1500);
    clearInterval(waking);
    // One per sender at first, then one a pause of a second or more.
    expect(tries).toBeLessThanOrEqual(CONCURRENCY + 1);
    outbox.mailer.before = () => undefined;
    await vi.waitFor(() => expect(sent()).toHaveLength(30), 10 * SECOND);
  }, 20_000);

  test('sends the other mails if the server disconnects at one (421 at RCPT)', async () => {
    const sink = await createSmtpSink();
    const mailer = createSmtpMailer({ url: sink.url, from: 'no-reply@example.com', timeout: 300 });
    try {
      const poison = 'poison@example.com';
      sink.mode = { kind: 'refuse-recipient', recipient: poison, reply: '421 4.3.2 closing' };
      await enqueue(poison);
      const worker = startOutboxWorker({ ...outbox.deps, mailer }, { pollEvery: 20 });
      workers.push(worker);
      // From here on the worker probes, one mail at a time.
      await vi.waitFor(() => expect(sink.recipients).toContain(poison), 5 * SECOND);
      await enqueue('ada@example.com');
      worker.wake();
      await vi.waitFor(
        () => expect(sink.mails.map(({ to }) => to)).toEqual([['ada@example.com']]),
        8 * SECOND,
      );
    } finally {
      mailer.close();
      await sink.stop();
    }
  }, 20_000);

  test('survives a failure of the database, and logs it', async () => {
    const { db } = outbox.deps;
    let away = true;
    const flaky: typeof db = Object.assign(Object.create(db), {
      run: async (query: Query) => {
        if (away) throw new Error('the database is away');
        return await db.run(query);
      },
    });
    await enqueue('ada@example.com');
    const worker = startOutboxWorker({ ...outbox.deps, db: flaky }, { pollEvery: 20 });
    workers.push(worker);
    await vi.waitFor(() => expect(outbox.logged.join()).toContain('the database is away'));
    away = false;
    await vi.waitFor(() => expect(sent()).toHaveLength(1), 5 * SECOND);
  });

  test('survives a clock and a random source that throw, even for its own pause', async () => {
    const throws = () => {
      throw new Error('no clock, no chance');
    };
    const unhandled: unknown[] = [];
    const listen = (error: unknown) => void unhandled.push(error);
    process.on('unhandledRejection', listen);
    const worker = startOutboxWorker(
      { ...outbox.deps, clock: { now: throws }, random: { bytes: throws } },
      { pollEvery: 20 },
    );
    await vi.waitFor(() => expect(outbox.logged.join()).toContain('mail pause not drawn'));
    // An unhandled rejection is reported after the microtasks of its task.
    await sleep(20);
    await worker.stop();
    process.off('unhandledRejection', listen);
    expect(unhandled).toEqual([]);
  });

  test('stops after the mails in flight, and starts no others', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let begun = 0;
    outbox.mailer.before = () => {
      begun += 1;
      return promise;
    };
    await Promise.all(Array.from({ length: 30 }, (_, n) => enqueue(`p${n}@example.com`)));
    const worker = start(HOUR);
    await vi.waitFor(() => expect(begun).toBe(CONCURRENCY), 5 * SECOND);
    const stopped = worker.stop();
    resolve();
    await stopped;
    expect(sent()).toHaveLength(CONCURRENCY);
    const marked = (await outbox.rows()).filter(({ sentAt }) => sentAt !== null);
    expect(marked).toHaveLength(CONCURRENCY);
    await enqueue('late@example.com');
    worker.wake();
    await sleep(300);
    expect(sent()).toHaveLength(CONCURRENCY);
  });

  test('does not wait forever for a mail server that never answers', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    outbox.mailer.before = () => {
      asked.resolve();
      return promise;
    };
    await enqueue('ada@example.com');
    const worker = start(HOUR);
    await asked.promise;
    const started = performance.now();
    await worker.stop();
    expect(performance.now() - started).toBeLessThan(6 * SECOND);
    resolve();
  }, 10_000);
});
