import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { INSTRUMENTS, type Instrument } from '../../src/observability/instruments.ts';
import { labelName, prometheusName, prometheusText } from '../../src/observability/prometheus.ts';
import { createRegistry, MAX_SERIES } from '../../src/observability/registry.ts';
import { LOGIN, signUp } from '../support/journeys.ts';
import { startTestServer } from '../support/server.ts';
import { lintMetrics } from './lint-metrics.ts';

const ALL: readonly Instrument[] = Object.values(INSTRUMENTS);

/** What a server shows that was used a little. */
async function scrape(): Promise<string> {
  const server = await startTestServer({ env: { METRICS_PORT: '9467' } });
  const person = await signUp(server);
  await server.graphql(LOGIN, { input: { email: person.email, password: 'a wrong one' } });
  const text = server.app.metrics?.read().text ?? '';
  await server.close();
  return text;
}

const hasPromtool = spawnSync('promtool', ['--version']).status === 0;

test('O-16: /metrics follows the rules of promtool check metrics, and promtool agrees', async () => {
  const text = await scrape();
  expect(lintMetrics(text)).toEqual([]);
  for (const instrument of ALL) {
    expect(text).toContain(`# TYPE ${prometheusName(instrument)} ${instrument.kind}\n`);
  }
  if (!hasPromtool) return;
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
    input: text,
    encoding: 'utf8',
  });
  expect(`${stdout}${stderr}`).toBe('');
  expect(status).toBe(0);
});

test('the linter of this test refuses what promtool refuses', () => {
  const metric = (name: string, type: string, help = 'Help.') =>
    `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name} 1\n`;
  const broken = [
    metric('nodejs_active_handles_total', 'gauge'),
    metric('latchkey_mails', 'counter'),
    metric('latchkey_mails_total', 'counter', ''),
    metric('latchkey_wait_milliseconds', 'gauge'),
    metric('latchkey_wait_ms', 'gauge'),
    metric('latchkey_waitTime', 'gauge'),
    metric('latchkey_mail_gauge', 'gauge'),
    metric('latchkey_mail_count', 'gauge'),
    '# HELP a_seconds A.\n# TYPE a_seconds gauge\na_seconds{le="1"} 1\n',
    '# HELP a_seconds A.\n# TYPE a_seconds gauge\na_seconds 1\na_seconds 2\n',
    '# HELP a_seconds A.\n# TYPE a_seconds gauge\nb_seconds 1\n',
    '# HELP a_seconds A.\n# TYPE a_seconds gauge\na_seconds{x="1"y} 1 2\n',
  ];
  expect(broken.filter((text) => lintMetrics(text).length === 0)).toEqual([]);
  expect(lintMetrics(metric('latchkey_mails_total', 'counter'))).toEqual([]);
});

test('each name belongs to one instrument, in OpenTelemetry and in Prometheus', () => {
  expect(new Set(ALL.map(({ name }) => name)).size).toBe(ALL.length);
  expect(new Set(ALL.map(prometheusName)).size).toBe(ALL.length);
  for (const { name, labels, buckets, kind, help } of ALL) {
    expect(name).toMatch(/^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$/);
    expect(help).toMatch(/^[A-Z0-9].*\.$/);
    for (const label of labels) expect(labelName(label)).toMatch(/^[a-z][a-z_]*[0-9]*[a-z_]*$/);
    expect(buckets !== undefined, name).toBe(kind === 'histogram');
    expect([...(buckets ?? [])]).toEqual([...(buckets ?? [])].sort((a, b) => a - b));
  }
});

test('Prometheus’ names follow from OpenTelemetry’s by OpenTelemetry’s rule', () => {
  const name = (instrument: Partial<Instrument>) =>
    prometheusName({ name: 'a.b', kind: 'gauge', help: '', unit: '', labels: [], ...instrument });
  expect(name({})).toBe('a_b');
  expect(name({ unit: 's', kind: 'histogram' })).toBe('a_b_seconds');
  expect(name({ unit: 's', kind: 'counter' })).toBe('a_b_seconds_total');
  expect(name({ unit: '{mail}', kind: 'counter' })).toBe('a_b_total');
  expect(name({ unit: 'By' })).toBe('a_b_bytes');
  expect(name({ unit: '1' })).toBe('a_b_ratio');
});

test('a histogram counts each value in one bucket, and the text adds the buckets up', () => {
  const registry = createRegistry();
  for (const value of [0.0001, 0.0005, 0.0006, 3]) {
    registry.record('statementDuration', ['select'], value);
  }
  const text = prometheusText(registry.collect());
  const lines = text.split('\n').filter((line) => line.includes('statement="select"'));
  expect(lines.map((line) => line.split(' ')[1])).toEqual([
    ...['2', '3', '3', '3', '3', '3', '3', '3', '3', '4'],
    ...['3.0012', '4'],
  ]);
  expect(lines[0]).toBe(
    'latchkey_db_statement_duration_seconds_bucket{statement="select",le="0.0005"} 2',
  );
  expect(lines[9]).toContain('le="+Inf"');
});

test('GQ-16: an unbounded label ends in one series, and is escaped', () => {
  const registry = createRegistry();
  for (let n = 0; n < MAX_SERIES + 500; n += 1) {
    registry.add('rateLimitRefusals', [n === 0 ? 'a"b\\c\nd 1' : `limit-${n}`]);
    registry.record('requestDuration', [`/path-${n}`, 'GET', 200], 0.01);
  }
  for (const { instrument, points } of registry.collect()) {
    expect(points.length, instrument.name).toBeLessThanOrEqual(MAX_SERIES + 1);
  }
  const text = prometheusText(registry.collect());
  expect(text).toContain('latchkey_rate_limit_refusals_total{limit="other"} 500');
  expect(text).toContain('{limit="a\\"b\\\\c\\nd 1"} 1');
  expect(lintMetrics(text)).toEqual([]);
});

test('an unknown value has no series, and a counter begins at 0', () => {
  const registry = createRegistry();
  registry.watch('mailOldestDue', () => null);
  const text = prometheusText(registry.collect());
  expect(text).not.toMatch(/^latchkey_mail_outbox_oldest_due_age_seconds /m);
  expect(text).toMatch(/^latchkey_refresh_reuses_total 0$/m);
});
