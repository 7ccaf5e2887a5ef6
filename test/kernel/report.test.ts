import { expect, test } from 'vitest';
import { atMostEvery } from '../../src/kernel/report.ts';

test('atMostEvery lets the first report of each period through and drops the others', () => {
  let now = 0;
  const reports: string[] = [];
  const report = atMostEvery(
    1_000,
    (text: string) => reports.push(text),
    () => now,
  );
  for (const [at, text] of [
    [0, 'first'],
    [1, 'dropped'],
    [999, 'dropped'],
    [1_000, 'second'],
    [1_999, 'dropped'],
    [5_000, 'third'],
  ] as const) {
    now = at;
    report(text);
  }
  expect(reports).toEqual(['first', 'second', 'third']);
});
