import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Query } from '../../src/db/driver/host-connection.ts';
import { run } from '../../src/db/executor.ts';
import { build } from '../../src/db/statement.ts';
import { mailOutbox } from '../../src/db/tables/outbox.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../src/kernel/duration.ts';
import { MAX_ATTEMPTS } from '../../src/mail/deliver.ts';
import { drainOutbox } from '../../src/mail/drain.ts';
import { enqueueMail } from '../../src/mail/enqueue.ts';
import { MailRefusedError, MailServerUnavailableError } from '../../src/mail/errors.ts';
import { claimMail } from '../../src/mail/store.ts';
import { queryDatabase } from '../support/query-database.ts';
import { createTestOutbox, notice, type TestOutbox } from './outbox.ts';

let outbox: TestOutbox;

beforeEach(async () => {
  outbox = await createTestOutbox();
});
afterEach(() => outbox.close());

const drain = (concurrency = 2) => drainOutbox(outbox.deps, { concurrency });
/** A millisecond each: within one, ids have no order. */
const enqueue = async (to: string, message = notice()) => {
  outbox.advance(1);
  await run(outbox.deps.db, enqueueMail(outbox.deps, { to, message }));
};
const refusal = (permanent: boolean) => () => {
  throw new MailRefusedError({ permanent, reason: permanent ? '550 RCPT TO' : '450 RCPT TO' });
};
const outage = () => {
  throw new MailServerUnavailableError('ECONNREFUSED CONN');
};
const onlyRow = async () => {
  const [row, ...others] = await outbox.rows();
  if (!row || others.length > 0) throw new Error('one row expected');
  return row;
};

describe('drainOutbox', () => {
  test('sends each mail once with four workers', async () => {
    const wanted = Array.from({ length: 60 }, (_, n) => `p${n}@example.com`);
    for (const to of wanted) await enqueue(to);
    outbox.mailer.before = () => sleep(2);
    await Promise.all(Array.from({ length: 4 }, () => drain(2)));
    expect(outbox.mailer.sent.map(({ to }) => to).sort()).toEqual(wanted.sort());
  });

  test('sends the oldest mail first', async () => {
    const wanted = Array.from({ length: 20 }, (_, n) => `p${n}@example.com`);
    for (const to of wanted) await enqueue(to);
    await drain(1);
    expect(outbox.mailer.sent.map(({ to }) => to)).toEqual(wanted);
  });

  test('does not ask the database once for each sender that it may have', async () => {
    const statements: string[] = [];
    const db = Object.assign(Object.create(outbox.deps.db), {
      run: async (query: Query) => {
        statements.push(query.text);
        return await outbox.deps.db.run(query);
      },
    });
    const claims = async () => {
      statements.length = 0;
      await drainOutbox({ ...outbox.deps, db }, { concurrency: 8 });
      return statements.filter((text) => text.includes('for update skip locked')).length;
    };
    expect(await claims()).toBe(1);
    await enqueue('ada@example.com');
    // The second sender asks while the first one sends, which asks again afterwards.
    expect(await claims()).toBe(3);
  });

  test('sends a mail once if the clock is set on beyond the lease while the mail is claimed', async () => {
    await enqueue('ada@example.com');
    let claims = 0;
    const db = Object.assign(Object.create(outbox.deps.db), {
      run: async (query: Query) => {
        const rows = await outbox.deps.db.run(query);
        claims += 1;
        if (claims === 1) outbox.advance(HOUR);
        return rows;
      },
    });
    await drainOutbox({ ...outbox.deps, db }, { concurrency: 8 });
    expect(outbox.mailer.sent).toHaveLength(1);
  });

  test('claims one row at a time, whichever plan the query gets', async () => {
    for (let n = 0; n < 50; n += 1) await enqueue('ada@example.com');
    const now = outbox.deps.clock.now();
    await run(
      outbox.deps.db,
      claimMail({
        queues: ['owner'],
        now,
        until: new Date(now.getTime() + MINUTE),
      }),
    );
    const claimed = (await outbox.rows()).filter(({ attempts }) => attempts > 0);
    expect(claimed).toHaveLength(1);
  });

  test('sends at most one more copy, with the same id, after a crash between sending and marking', async () => {
    await enqueue('ada@example.com');
    const crashed = { ...outbox.deps };
    // The process is gone once the server has the mail: nothing after it reaches the database.
    outbox.mailer.before = () => {
      crashed.db = new Proxy(crashed.db, {
        get() {
          throw new Error('crash');
        },
      });
    };
    await expect(drainOutbox(crashed, { concurrency: 1 })).rejects.toThrow('crash');
    outbox.mailer.before = () => undefined;
    await drain();
    expect(outbox.mailer.sent, 'leased: nobody else sends it yet').toHaveLength(1);
    outbox.advance(61 * SECOND);
    await drain();
    await drain();
    expect(outbox.mailer.sent).toHaveLength(2);
    const [first, second] = outbox.mailer.sent;
    expect(first?.messageId).toMatch(/^<[0-9a-f-]{36}@auth\.example\.com>$/);
    expect(second?.messageId).toBe(first?.messageId);
  });

  test('keeps a mail sent if a sender whose lease had expired reports late', async () => {
    await enqueue('ada@example.com');
    const { promise, resolve } = Promise.withResolvers<void>();
    let tries = 0;
    outbox.mailer.before = async () => {
      tries += 1;
      if (tries > 1) return;
      await promise;
      refusal(true)();
    };
    const late = drain(1);
    await vi.waitFor(() => expect(tries).toBe(1));
    outbox.advance(61 * SECOND);
    await drain(1);
    resolve();
    await late;
    expect(await onlyRow()).toMatchObject({ deadAt: null, lastError: null });
    expect((await onlyRow()).sentAt).not.toBeNull();
  });

  test('leaves a mail to the sender that claimed it after the lease had expired', async () => {
    await enqueue('ada@example.com');
    const waits = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
    let tries = 0;
    outbox.mailer.before = async () => {
      const wait = waits[tries];
      tries += 1;
      await wait?.promise;
      if (wait === waits[0]) refusal(true)();
    };
    const late = drain(1);
    await vi.waitFor(() => expect(tries).toBe(1));
    outbox.advance(61 * SECOND);
    const current = drain(1);
    await vi.waitFor(() => expect(tries).toBe(2));
    waits[0].resolve();
    await late;
    expect(await onlyRow()).toMatchObject({ deadAt: null, attempts: 2 });
    waits[1].resolve();
    await current;
    expect(outbox.mailer.sent).toHaveLength(1);
  });

  test('gives different mails different ids', async () => {
    await enqueue('ada@example.com');
    await enqueue('ada@example.com');
    await drain();
    expect(new Set(outbox.mailer.sent.map(({ messageId }) => messageId)).size).toBe(2);
  });

  test('holds no transaction while it sends', async () => {
    await enqueue('ada@example.com');
    let open: unknown;
    outbox.mailer.before = async () => {
      [open] = await queryDatabase(
        outbox.deps.db,
        `select count(*)::int as n from pg_stat_activity where state like 'idle in transaction%' and datname = current_database()`,
      );
    };
    await drain();
    expect(open).toEqual({ n: 0 });
  });
});

describe('a mail that the server refuses', () => {
  test('is retried after longer and longer pauses, and delivered', async () => {
    await enqueue('ada@example.com');
    outbox.mailer.before = refusal(false);
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 4; attempt += 1) {
      await drain();
      const row = await onlyRow();
      expect(row).toMatchObject({ attempts: attempt, lastError: '450 RCPT TO', sentAt: null });
      const wait = row.nextAttemptAt.getTime() - outbox.deps.clock.now().getTime();
      waits.push(wait);
      outbox.advance(wait - 1);
      await drain();
      expect((await onlyRow()).attempts, 'not before its time').toBe(attempt);
      outbox.advance(1);
    }
    waits.forEach((wait, index) => {
      expect(wait).toBeGreaterThanOrEqual(SECOND * 2 ** index);
      expect(wait).toBeLessThanOrEqual(2 * SECOND * 2 ** index);
    });
    outbox.mailer.before = () => undefined;
    await drain();
    expect(outbox.mailer.sent).toHaveLength(1);
  });

  test('does not delay other mails', async () => {
    outbox.mailer.before = (mail) => mail.to.startsWith('bad') && refusal(false)();
    for (let n = 0; n < 15; n += 1) await enqueue(`bad${n}@example.com`);
    await enqueue('good@example.com');
    expect(await drain()).toBe('empty');
    expect(outbox.mailer.sent.map(({ to }) => to)).toEqual(['good@example.com']);
  });

  test('permanently is given up at once, and stays sealed for the operator', async () => {
    await enqueue('ada@example.com');
    outbox.mailer.before = refusal(true);
    await drain();
    const row = await onlyRow();
    expect(row).toMatchObject({ lastError: '550 RCPT TO', sentAt: null });
    expect(row.deadAt).not.toBeNull();
    expect(row.sealedContent).not.toBeNull();
    outbox.mailer.before = () => undefined;
    outbox.advance(DAY);
    await drain();
    expect(outbox.mailer.sent).toHaveLength(0);
    await queryDatabase(outbox.deps.db, build.update(mailOutbox).set({ deadAt: null }));
    await drain();
    expect(outbox.mailer.sent).toHaveLength(1);
  });

  test('too often is given up', async () => {
    await enqueue('ada@example.com');
    outbox.mailer.before = refusal(false);
    await queryDatabase(
      outbox.deps.db,
      build.update(mailOutbox).set({ attempts: MAX_ATTEMPTS - 2 }),
    );
    await drain();
    expect((await onlyRow()).deadAt).toBeNull();
    outbox.advance(HOUR);
    await drain();
    expect(await onlyRow()).toMatchObject({ attempts: MAX_ATTEMPTS });
    expect((await onlyRow()).deadAt).not.toBeNull();
  });

  test('because of a bug of the mailer is kept and logged', async () => {
    await enqueue('ada@example.com');
    outbox.mailer.before = () => {
      throw new TypeError('x is not a function');
    };
    await drain();
    expect(await onlyRow()).toMatchObject({ lastError: 'unexpected', attempts: 1, deadAt: null });
    expect(outbox.logged.join()).toContain('x is not a function');
  });
});

describe('an unavailable mail server', () => {
  test('ends the pass and counts as an attempt of no mail', async () => {
    for (let n = 0; n < 10; n += 1) await enqueue(`p${n}@example.com`);
    outbox.mailer.before = outage;
    expect(await drain(2)).toBe('unavailable');
    const rows = await outbox.rows();
    expect(rows.map(({ attempts }) => attempts)).toEqual(Array(10).fill(0));
    expect(rows.filter(({ lastError }) => lastError !== null).length).toBeLessThanOrEqual(2);
    outbox.mailer.before = () => undefined;
    outbox.advance(SECOND);
    expect(await drain(1)).toBe('empty');
    // What met the outage stands behind what did not; either part is in the order of age.
    const behind = rows.filter(({ lastError }) => lastError !== null);
    const ahead = rows.filter(({ lastError }) => lastError === null);
    expect(outbox.mailer.sent.map(({ to }) => to)).toEqual(
      [...ahead, ...behind].map(({ recipient }) => recipient),
    );
  });
});
