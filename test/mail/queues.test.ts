import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { run } from '../../src/db/executor.ts';
import { MINUTE, SECOND } from '../../src/kernel/duration.ts';
import { drainOutbox } from '../../src/mail/drain.ts';
import { enqueueMail } from '../../src/mail/enqueue.ts';
import { MailServerUnavailableError } from '../../src/mail/errors.ts';
import { startOutboxWorker } from '../../src/mail/worker.ts';
import { createTestOutbox, notice, type TestOutbox } from './outbox.ts';
import { SAMPLES } from './samples.ts';

// RL-9: what strangers can have mailed, or only written down, holds up no mail of an owner.
let outbox: TestOutbox;
beforeEach(async () => {
  outbox = await createTestOutbox();
});
afterEach(() => outbox.close());

type Mailed = Omit<Parameters<typeof enqueueMail>[1], 'to'>;
const enqueue = async (to: string, mail: Mailed) => {
  outbox.advance(1);
  await run(outbox.deps.db, enqueueMail(outbox.deps, { to, ...mail }));
};
const sent = () => outbox.mailer.sent.map(({ to }) => to.replace('@example.com', ''));

const STRANGERS: readonly (readonly [string, Mailed])[] = [
  ['reset', { message: SAMPLES['reset-password'] }],
  ['verify', { message: SAMPLES['verify-email'] }],
  ['taken', { message: SAMPLES['already-registered'] }],
];
const OWNERS: readonly (readonly [string, Mailed])[] = [
  ['own-reset', { message: SAMPLES['reset-password'], byOwner: true }],
  ['notice', { message: notice() }],
  ['code', { message: SAMPLES['mfa-email-code'] }],
];

test('RL-9: an owner’s mails leave before those that strangers caused earlier', async () => {
  for (const [name, mail] of [...STRANGERS, ...OWNERS]) await enqueue(`${name}@example.com`, mail);
  await drainOutbox(outbox.deps, { concurrency: 1 });
  expect(sent()).toEqual(['own-reset', 'notice', 'code', 'reset', 'verify', 'taken']);
});

test('RL-9: a pass over real mails claims no decoy, and decoys have a pass of their own', async () => {
  for (let n = 0; n < 20; n += 1)
    await enqueue(`d${n}@example.com`, { message: SAMPLES['reset-password'], decoy: true });
  await enqueue('real@example.com', { message: SAMPLES['reset-password'] });
  await drainOutbox(outbox.deps, { concurrency: 2 });
  expect(sent()).toEqual(['real']);
  const waiting = async () => (await outbox.rows()).filter(({ sentAt }) => sentAt === null).length;
  expect(await waiting()).toBe(20);
  // Far beyond its end: a decoy is no mail that was given up, which an operator would look into.
  outbox.advance(60 * MINUTE);
  await drainOutbox(outbox.deps, { queues: ['decoy'], concurrency: 1 });
  expect(await waiting()).toBe(0);
  expect(sent()).toEqual(['real']);
  expect(
    (await outbox.rows()).every(({ deadAt, sealedContent }) => !deadAt && !sealedContent),
  ).toBe(true);
  expect(outbox.logged.join()).not.toContain('given up');
});

test('RL-9: thousands of earlier decoys do not delay a mail', async () => {
  for (let n = 0; n < 300; n += 1)
    await enqueue(`d${n}@example.com`, { message: SAMPLES['reset-password'], decoy: true });
  await enqueue('owner@example.com', { message: SAMPLES['reset-password'] });
  const worker = startOutboxWorker(outbox.deps);
  try {
    await vi.waitFor(() => expect(sent()).toEqual(['owner']), SECOND);
    // Nor one that comes while the decoys are worked on.
    await enqueue('later@example.com', { message: SAMPLES['reset-password'] });
    worker.wake();
    await vi.waitFor(() => expect(sent()).toEqual(['owner', 'later']), SECOND);
    const rows = await outbox.rows();
    expect(rows.filter(({ queue, sentAt }) => queue === 'decoy' && !sentAt).length).toBeGreaterThan(
      200,
    );
  } finally {
    await worker.stop();
  }
});

test('an owner’s mail at which the server disconnected is not sent first again', async () => {
  outbox.mailer.before = ({ to }) => {
    if (to.startsWith('poison')) throw new MailServerUnavailableError('421 RCPT');
  };
  await enqueue('poison@example.com', { message: notice() });
  await enqueue('stranger@example.com', { message: SAMPLES['reset-password'] });
  const probe = () => drainOutbox(outbox.deps, { concurrency: 1, limit: 1 });
  expect(await probe()).toBe('unavailable');
  outbox.advance(2 * SECOND);
  expect(await probe()).toBe('empty');
  expect(sent()).toEqual(['stranger']);
});
