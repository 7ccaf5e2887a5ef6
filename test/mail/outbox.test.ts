import { setTimeout as sleep } from 'node:timers/promises';
import { eq } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { mailOutbox } from '../../src/db/tables/outbox.ts';
import { transaction } from '../../src/db/transaction.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../src/kernel/duration.ts';
import { createKeyring } from '../../src/kernel/keyring.ts';
import { MAX_ATTEMPTS } from '../../src/mail/deliver.ts';
import { drainOutbox } from '../../src/mail/drain.ts';
import { enqueueMail } from '../../src/mail/enqueue.ts';
import { MailRefusedError, MailServerUnavailableError } from '../../src/mail/errors.ts';
import { claimMail } from '../../src/mail/store.ts';
import { createTestOutbox, notice, type TestOutbox } from './outbox.ts';
import { MESSAGES, SAMPLES } from './samples.ts';

let outbox: TestOutbox;

beforeEach(async () => {
  outbox = await createTestOutbox();
});
afterEach(() => outbox.close());

const drain = (lanes = 2) => drainOutbox(outbox.deps, { lanes });
/** A millisecond each: within one, ids have no order. */
const enqueue = async (to: string, message = notice()) => {
  outbox.advance(1);
  await enqueueMail(outbox.deps, outbox.deps.db, { to, message });
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

describe('what commits', () => {
  it('is mailed with its cause, and is not when that rolls back', async () => {
    const { deps, mailer } = outbox;
    await transaction(deps.db, (tx) =>
      enqueueMail(deps, tx, { to: 'ada@example.com', message: notice() }),
    );
    const failed = transaction(deps.db, async (tx) => {
      await enqueueMail(deps, tx, { to: 'bob@example.com', message: notice() });
      throw new Error('the cause failed');
    });
    await expect(failed).rejects.toThrow('the cause failed');
    await drain();
    expect(mailer.sent.map(({ to }) => to)).toEqual(['ada@example.com']);
  });

  it('is each mail as it was given, dates and all', async () => {
    const { mailer } = outbox;
    for (const message of MESSAGES) await enqueue('ada@example.com', message);
    await drain(1);
    expect(mailer.sent).toHaveLength(MESSAGES.length);
    const reset = mailer.sent[MESSAGES.findIndex(({ template }) => template === 'reset-password')];
    expect(reset?.text).toContain(SAMPLES['reset-password'].url);
    expect(reset?.text).toContain('good until 3 February 2026, 04:15 UTC');
  });

  it('takes a Client for an origin and keeps nothing more of it', async () => {
    const client = { ipAddress: '203.0.113.7', userAgent: 'curl/8', requestId: 'r-1' };
    await enqueue('ada@example.com', { ...SAMPLES['password-changed'], from: client });
    await drain();
    expect(outbox.mailer.sent[0]?.text).toContain('203.0.113.7 with curl');
  });
});

describe('what a dump holds (DR-1)', () => {
  it('is no code, no link and no name: neither before nor after sending', async () => {
    await enqueue('ada@example.com', SAMPLES['reset-password']);
    const dump = async () => {
      const { sealedContent, ...rest } = await onlyRow();
      return `${JSON.stringify(rest)}${sealedContent?.toString('latin1')}${sealedContent?.toString('hex')}`;
    };
    for (const secret of ['01234567', 'abc_DEF-1']) {
      expect(await dump()).not.toContain(secret);
      expect(await dump()).not.toContain(Buffer.from(secret).toString('hex'));
    }
    expect((await onlyRow()).sealedContent).not.toBeNull();
    await drain();
    expect(outbox.mailer.sent[0]?.text).toContain('01234567');
    expect(await onlyRow()).toMatchObject({ sealedContent: null, lastError: null, deadAt: null });
    expect((await onlyRow()).sentAt).toEqual(outbox.deps.clock.now());
    expect(outbox.logged.join()).not.toMatch(/01234567|abc_DEF-1|ada@/);
  });

  it('opens in its own row only', async () => {
    await enqueue('ada@example.com', SAMPLES['reset-password']);
    await enqueue('eve@example.com');
    const [ada, eve] = await outbox.rows();
    await outbox.deps.db
      .update(mailOutbox)
      .set({ sealedContent: ada?.sealedContent ?? null })
      .where(eq(mailOutbox.id, eve?.id ?? ''));
    await drain();
    expect(outbox.mailer.sent.map(({ to }) => to)).toEqual(['ada@example.com']);
    expect((await outbox.rows())[1]).toMatchObject({ lastError: 'unreadable', sentAt: null });
  });

  it('waits for the right secrets when they are wrong', async () => {
    await enqueue('ada@example.com');
    const keyring = createKeyring([Buffer.alloc(32, 7)], outbox.random);
    await drainOutbox({ ...outbox.deps, keyring }, { lanes: 1 });
    expect(await onlyRow()).toMatchObject({ lastError: 'unreadable', deadAt: null });
    outbox.advance(MINUTE);
    await drain();
    expect(outbox.mailer.sent).toHaveLength(1);
  });
});

describe('one mail once', () => {
  it('with four workers at it', async () => {
    const wanted = Array.from({ length: 60 }, (_, n) => `p${n}@example.com`);
    for (const to of wanted) await enqueue(to);
    outbox.mailer.before = () => sleep(2);
    await Promise.all(Array.from({ length: 4 }, () => drain(2)));
    expect(outbox.mailer.sent.map(({ to }) => to).sort()).toEqual(wanted.sort());
  });

  it('oldest first', async () => {
    const wanted = Array.from({ length: 20 }, (_, n) => `p${n}@example.com`);
    for (const to of wanted) await enqueue(to);
    await drain(1);
    expect(outbox.mailer.sent.map(({ to }) => to)).toEqual(wanted);
  });

  it('claims one row a claim, however the planner likes the query', async () => {
    for (let n = 0; n < 50; n += 1) await enqueue('ada@example.com');
    const now = outbox.deps.clock.now();
    await claimMail(outbox.deps.db, { now, until: new Date(now.getTime() + MINUTE) });
    const claimed = (await outbox.rows()).filter(({ attempts }) => attempts > 0);
    expect(claimed).toHaveLength(1);
  });

  it('with one recognisable copy at most after a crash between sending and marking', async () => {
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
    await expect(drainOutbox(crashed, { lanes: 1 })).rejects.toThrow('crash');
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

  it('stays sent when a sender whose lease had ended reports late', async () => {
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

  it('leaves a mail to whoever claimed it after a lease had ended', async () => {
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

  it('gives different mails different ids', async () => {
    await enqueue('ada@example.com');
    await enqueue('ada@example.com');
    await drain();
    expect(new Set(outbox.mailer.sent.map(({ messageId }) => messageId)).size).toBe(2);
  });

  it('holds no transaction while it sends', async () => {
    await enqueue('ada@example.com');
    let open: unknown;
    outbox.mailer.before = async () => {
      [open] = await outbox.deps.db.execute(
        `select count(*)::int as n from pg_stat_activity where state like 'idle in transaction%' and datname = current_database()`,
      );
    };
    await drain();
    expect(open).toEqual({ n: 0 });
  });
});

describe('a mail that is refused', () => {
  it('for now is tried again, later each time, and delivered', async () => {
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

  it('does not hold up the others', async () => {
    outbox.mailer.before = (mail) => mail.to.startsWith('bad') && refusal(false)();
    for (let n = 0; n < 15; n += 1) await enqueue(`bad${n}@example.com`);
    await enqueue('good@example.com');
    expect(await drain()).toBe('empty');
    expect(outbox.mailer.sent.map(({ to }) => to)).toEqual(['good@example.com']);
  });

  it('for good is given up at once and stays sealed for its operator', async () => {
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
    await outbox.deps.db.update(mailOutbox).set({ deadAt: null });
    await drain();
    expect(outbox.mailer.sent).toHaveLength(1);
  });

  it('too often is given up', async () => {
    await enqueue('ada@example.com');
    outbox.mailer.before = refusal(false);
    await outbox.deps.db.update(mailOutbox).set({ attempts: MAX_ATTEMPTS - 2 });
    await drain();
    expect((await onlyRow()).deadAt).toBeNull();
    outbox.advance(HOUR);
    await drain();
    expect(await onlyRow()).toMatchObject({ attempts: MAX_ATTEMPTS });
    expect((await onlyRow()).deadAt).not.toBeNull();
  });

  it('by a bug of the mailer is kept and logged', async () => {
    await enqueue('ada@example.com');
    outbox.mailer.before = () => {
      throw new TypeError('x is not a function');
    };
    await drain();
    expect(await onlyRow()).toMatchObject({ lastError: 'unexpected', attempts: 1, deadAt: null });
    expect(outbox.logged.join()).toContain('x is not a function');
  });
});

describe('a mail server that is away', () => {
  it('ends the pass and counts against no mail', async () => {
    for (let n = 0; n < 10; n += 1) await enqueue(`p${n}@example.com`);
    outbox.mailer.before = outage;
    expect(await drain(2)).toBe('unavailable');
    const rows = await outbox.rows();
    expect(rows.map(({ attempts }) => attempts)).toEqual(Array(10).fill(0));
    expect(rows.filter(({ lastError }) => lastError !== null).length).toBeLessThanOrEqual(2);
    outbox.mailer.before = () => undefined;
    outbox.advance(SECOND);
    expect(await drain(1)).toBe('empty');
    expect(outbox.mailer.sent.map(({ to }) => to)).toEqual(
      Array.from({ length: 10 }, (_, n) => `p${n}@example.com`),
    );
  });
});

describe('a mail that is over', () => {
  it('is not sent: a code after its end', async () => {
    const codeExpiresAt = new Date(outbox.deps.clock.now().getTime() + 10 * MINUTE);
    await enqueue('ada@example.com', { ...SAMPLES['mfa-email-code'], codeExpiresAt });
    outbox.advance(10 * MINUTE);
    await drain();
    expect(outbox.mailer.sent).toHaveLength(0);
    expect(await onlyRow()).toMatchObject({ lastError: 'expired', sealedContent: null });
    expect((await onlyRow()).deadAt).not.toBeNull();
  });

  it('is sent until then', async () => {
    const codeExpiresAt = new Date(outbox.deps.clock.now().getTime() + 10 * MINUTE);
    await enqueue('ada@example.com', { ...SAMPLES['mfa-email-code'], codeExpiresAt });
    outbox.advance(10 * MINUTE - 2);
    await drain();
    expect(outbox.mailer.sent).toHaveLength(1);
  });

  it.each([
    ['a link', SAMPLES['verify-email'], SAMPLES['verify-email'].expiresAt],
    ['a code', SAMPLES['mfa-email-code'], SAMPLES['mfa-email-code'].codeExpiresAt],
    ['a notice', notice(), new Date('2026-02-06T04:05:06.789Z')],
  ])('when %s ends, unless its sender says otherwise', async (_, message, expected) => {
    const { deps } = outbox;
    const expiresAt = new Date('2026-02-03T05:00:00.000Z');
    await enqueueMail(deps, deps.db, { to: 'ada@example.com', message });
    outbox.advance(1);
    await enqueueMail(deps, deps.db, { to: 'ada@example.com', message, expiresAt });
    expect((await outbox.rows()).map((row) => row.expiresAt)).toEqual([expected, expiresAt]);
  });
});
