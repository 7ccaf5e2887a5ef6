import { eq } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { run } from '../../src/db/executor.ts';
import { build } from '../../src/db/statement.ts';
import { mailOutbox } from '../../src/db/tables/outbox.ts';
import { transaction } from '../../src/db/transaction.ts';
import { MINUTE } from '../../src/kernel/duration.ts';
import { createKeyring } from '../../src/kernel/keyring.ts';
import { drainOutbox } from '../../src/mail/drain.ts';
import { enqueueMail } from '../../src/mail/enqueue.ts';
import { queryDatabase } from '../support/query-database.ts';
import { createTestOutbox, notice, type TestOutbox } from './outbox.ts';
import { MESSAGES, SAMPLES } from './samples.ts';

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
const onlyRow = async () => {
  const [row, ...others] = await outbox.rows();
  if (!row || others.length > 0) throw new Error('one row expected');
  return row;
};

describe('enqueueMail', () => {
  test('stores the mail if its transaction commits, and not if it rolls back', async () => {
    const { deps, mailer } = outbox;
    await transaction(deps.db, (tx) =>
      run(tx, enqueueMail(deps, { to: 'ada@example.com', message: notice() })),
    );
    const failed = transaction(deps.db, async (tx) => {
      await run(tx, enqueueMail(deps, { to: 'bob@example.com', message: notice() }));
      throw new Error('the cause failed');
    });
    await expect(failed).rejects.toThrow('the cause failed');
    await drain();
    expect(mailer.sent.map(({ to }) => to)).toEqual(['ada@example.com']);
  });

  test('stores each mail exactly as it was given, including dates', async () => {
    const { mailer } = outbox;
    for (const message of MESSAGES) await enqueue('ada@example.com', message);
    await drain(1);
    expect(mailer.sent).toHaveLength(MESSAGES.length);
    const dated = mailer.sent.filter(({ text }) => text.includes('3 February 2026, 04:15 UTC'));
    expect(dated.map(({ text }) => text)).toContainEqual(
      expect.stringContaining(SAMPLES['reset-password'].url),
    );
  });

  test('accepts a Client as an origin and stores no other member of it', async () => {
    const client = { ipAddress: '203.0.113.7', userAgent: 'curl/8', requestId: 'r-1' };
    await enqueue('ada@example.com', { ...SAMPLES['password-changed'], from: client });
    await drain();
    expect(outbox.mailer.sent[0]?.text).toContain('203.0.113.7 with curl');
  });
});

describe('DR-1: a dump of the outbox', () => {
  test('holds no code, no link and no name, neither before nor after sending', async () => {
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

  test('holds contents that open only in their own row', async () => {
    await enqueue('ada@example.com', SAMPLES['reset-password']);
    await enqueue('eve@example.com');
    const [ada, eve] = await outbox.rows();
    await queryDatabase(
      outbox.deps.db,
      build
        .update(mailOutbox)
        .set({ sealedContent: ada?.sealedContent ?? null })
        .where(eq(mailOutbox.id, eve?.id ?? '')),
    );
    await drain();
    expect(outbox.mailer.sent.map(({ to }) => to)).toEqual(['ada@example.com']);
    expect((await outbox.rows())[1]).toMatchObject({ lastError: 'unreadable', sentAt: null });
  });

  test('holds mails that wait for the right secrets', async () => {
    await enqueue('ada@example.com');
    const keyring = createKeyring([Buffer.alloc(32, 7)], outbox.random);
    await drainOutbox({ ...outbox.deps, keyring }, { concurrency: 1 });
    expect(await onlyRow()).toMatchObject({ lastError: 'unreadable', deadAt: null });
    outbox.advance(MINUTE);
    await drain();
    expect(outbox.mailer.sent).toHaveLength(1);
  });
});

describe('an expired mail', () => {
  test('is not sent after its expiry', async () => {
    const codeExpiresAt = new Date(outbox.deps.clock.now().getTime() + 10 * MINUTE);
    await enqueue('ada@example.com', { ...SAMPLES['mfa-email-code'], codeExpiresAt });
    outbox.advance(10 * MINUTE);
    await drain();
    expect(outbox.mailer.sent).toHaveLength(0);
    expect(await onlyRow()).toMatchObject({ lastError: 'expired', sealedContent: null });
    expect((await onlyRow()).deadAt).not.toBeNull();
  });

  test('is sent until its expiry', async () => {
    const codeExpiresAt = new Date(outbox.deps.clock.now().getTime() + 10 * MINUTE);
    await enqueue('ada@example.com', { ...SAMPLES['mfa-email-code'], codeExpiresAt });
    outbox.advance(10 * MINUTE - 2);
    await drain();
    expect(outbox.mailer.sent).toHaveLength(1);
  });

  test.each([
    ['a link', SAMPLES['verify-email'], SAMPLES['verify-email'].expiresAt],
    ['a code', SAMPLES['mfa-email-code'], SAMPLES['mfa-email-code'].codeExpiresAt],
    ['a notice', notice(), new Date('2026-02-06T04:05:06.789Z')],
  ])('when %s ends', async (_, message, expected) => {
    const { deps } = outbox;
    await run(deps.db, enqueueMail(deps, { to: 'ada@example.com', message }));
    expect((await onlyRow()).expiresAt).toEqual(expected);
  });
});
