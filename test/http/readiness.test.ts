import { expect, onTestFinished, test } from 'vitest';
import { unavailable } from '../../src/db/errors.ts';
import { watchReadiness } from '../../src/http/readiness.ts';
import { until } from '../support/until.ts';

const TIMING = {
  calm: 5,
  doubt: 5,
  confirmations: 2,
  evidence: 1_000,
  evidenceAgainstSlowness: 5_000,
};

/** A watch whose probes wait for the next `say`. */
async function watch(first: string | null = null) {
  const lines: string[] = [];
  const note = (fields: Readonly<Record<string, unknown>>, message: string) => {
    lines.push([message, fields['reason']].filter(Boolean).join(': '));
  };
  const log = { debug: note, info: note, warn: note, error: note };
  const said: (string | null | Error)[] = [first];
  let probes = 0;
  let lastSuccess = Number.NEGATIVE_INFINITY;
  let changes = 0;
  const waiting: (() => void)[] = [];
  const readiness = await watchReadiness({
    probe: async () => {
      probes += 1;
      while (said.length === 0) await new Promise<void>((resolve) => waiting.push(resolve));
      const next = said.shift() ?? null;
      if (next instanceof Error) throw next;
      return next;
    },
    lastSuccess: () => lastSuccess,
    onChange: () => {
      changes += 1;
    },
    log,
    timing: TIMING,
  });
  onTestFinished(async () => {
    said.push(...Array.from({ length: 4 }, () => null));
    for (const go of waiting.splice(0)) go();
    await readiness.stop();
  });
  return {
    readiness,
    lines,
    changes: () => changes,
    answerNow: (ago = 0) => {
      lastSuccess = performance.now() - ago;
    },
    /** Answers the next probes and waits until the probe after them has begun. */
    async say(...answers: readonly (string | null | Error)[]) {
      const until_ = probes + answers.length;
      said.push(...answers);
      for (const go of waiting.splice(0)) go();
      await until(() => probes >= until_);
    },
  };
}

const AWAY = unavailable('ECONNREFUSED');
const SLOW = unavailable('CALL_TIMEOUT');

test('CF-9: one probe without an answer changes nothing, two in a row do, and each change is logged once', async () => {
  const { readiness, lines, say, changes } = await watch();
  await say(null, AWAY, null, AWAY, null);
  expect(readiness.isReady()).toBe(true);
  await say(AWAY, AWAY);
  expect(readiness.isReady()).toBe(false);
  await say(AWAY, AWAY, null, AWAY);
  expect(readiness.isReady()).toBe(false);
  await say(null, null);
  expect(readiness.isReady()).toBe(true);
  await say(null, null);
  expect(lines).toEqual(['not ready: database error ECONNREFUSED', 'ready again']);
  expect(changes()).toBe(2);
});

test('CF-9: a probe without an answer does not count while requests are answered', async () => {
  const { readiness, lines, say, answerNow } = await watch();
  answerNow();
  await say(AWAY, AWAY, AWAY, AWAY);
  answerNow(3_000);
  await say(SLOW, SLOW, SLOW, SLOW);
  expect(readiness.isReady()).toBe(true);
  expect(lines).toEqual([]);
  await say(AWAY, AWAY);
  expect(readiness.isReady()).toBe(false);
});

test('CF-9: a database that accepts no writes is noticed by the first probe, also at the start', async () => {
  const { readiness, lines, say, answerNow } = await watch('the database accepts no writes');
  expect(readiness.isReady()).toBe(false);
  await say(null, null);
  expect(readiness.isReady()).toBe(true);
  answerNow();
  await say('the database accepts no writes');
  expect(readiness.isReady()).toBe(false);
  expect(lines).toEqual([
    'not ready: the database accepts no writes',
    'ready again',
    'not ready: the database accepts no writes',
  ]);
});

test('of an error that is no answer of the database, the log has the name only', async () => {
  const { lines, say } = await watch();
  await say(new TypeError('canary'), new TypeError('canary'));
  expect(lines).toEqual(['not ready: TypeError']);
});
