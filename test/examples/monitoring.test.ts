import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { INSTRUMENTS, type Instrument } from '../../src/observability/instruments.ts';
import { labelName, prometheusName } from '../../src/observability/prometheus.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

const rules = read('examples/monitoring/alerts.yaml').replace(/^\s*#.*\n/gm, '');
const ruleTests = read('examples/monitoring/alerts.test.yaml');
const dashboard = read('examples/monitoring/dashboard.json');
const guide = read('docs/operating/monitoring.md');
const autoscaling = read('examples/kubernetes/autoscaling.yaml');

const byName = new Map<string, Instrument>();
for (const instrument of Object.values<Instrument>(INSTRUMENTS)) {
  const name = prometheusName(instrument);
  byName.set(name, instrument);
  if (instrument.kind !== 'histogram') continue;
  for (const part of ['bucket', 'sum', 'count']) byName.set(`${name}_${part}`, instrument);
}

/** Whatever looks like a metric of a server; `latchkey_mail_outbox_*` names several. */
const METRIC = /\b(?:latchkey|http_server|nodejs|v8js|process)_[a-z0-9_]+\b(?![*.=])/g;
const LABEL_NAMES = new Set([
  'http_route',
  'http_request_method',
  'http_response_status_code',
  'v8js_gc_type',
]);
const NOT_METRICS = new Set(['latchkey_server', 'latchkey_owner']);

function unknownMetrics(text: string): readonly string[] {
  return [...text.matchAll(METRIC)]
    .map(([name]) => name)
    .filter((name) => !byName.has(name) && !LABEL_NAMES.has(name) && !NOT_METRICS.has(name));
}

/** Selectors that ask a metric for a label it does not have: they match nothing, and say so to nobody. */
function unknownLabels(text: string): readonly string[] {
  return [...text.matchAll(/\b([a-z0-9_]+)\{([^}]*)\}/g)].flatMap(([, name = '', inside = '']) => {
    const labels = byName.get(name)?.labels.map(labelName);
    if (!labels) return [];
    return [...inside.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)]
      .map(([, label = '']) => label)
      .filter((label) => ![...labels, 'job', 'instance', 'le'].includes(label))
      .map((label) => `${name}{${label}}`);
  });
}

test.each([
  ['the alerts', rules],
  ['the alerts’ tests', ruleTests],
  ['the dashboard', dashboard.replaceAll('\\"', '"')],
  ['the guide', guide],
  ['the autoscaler', autoscaling],
])('O-16: %s name no metric and no label that the server does not have', (_name, text) => {
  expect([...text.matchAll(METRIC)].length).toBeGreaterThan(0);
  expect(unknownMetrics(text)).toEqual([]);
  expect(unknownLabels(text)).toEqual([]);
});

test('the check sees a wrong metric, a wrong suffix and a wrong label', () => {
  expect(unknownMetrics('rate(latchkey_http_request_duration_seconds_count[5m])')).toHaveLength(1);
  expect(unknownMetrics('latchkey_mutation_outcomes latchkey_ready_bucket')).toHaveLength(2);
  expect(unknownLabels('latchkey_mutation_outcomes_total{field="login"}')).toHaveLength(1);
  expect(unknownLabels('latchkey_mutation_outcomes_total{mutation="login",le="1"}')).toEqual([]);
});

test('O-16: every alert has a test that fires it, one that does not, and a row of the guide', () => {
  const alerts = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name = '']) => name);
  expect(alerts.length).toBeGreaterThan(15);
  for (const name of alerts) {
    const blocks = ruleTests
      .split('  - name: ')
      .filter((one) => one.includes(`alertname: ${name}\n`));
    const fires = blocks.filter((one) => one.includes('exp_labels'));
    expect([fires.length, blocks.length], name).toEqual([1, 2]);
    expect(guide, name).toContain(`| \`${name}\` |`);
  }
  const documented = [...guide.matchAll(/^\| `(Latchkey\w+)` \|/gm)].map(([, name]) => name);
  expect(documented.toSorted()).toEqual(alerts.toSorted());
});

test('O-16: the guide’s alerts need no SQL', () => {
  expect(guide).not.toMatch(/\bselect\b.*\bfrom\b/i);
});

test('the dashboard is one: every panel asks the chosen data source about the chosen job', () => {
  const { panels, templating, title } = JSON.parse(dashboard);
  expect(title).toBe('Latchkey');
  expect(templating.list.map(({ name }: { name: string }) => name)).toEqual(['datasource', 'job']);
  const graphs = panels.filter(({ type }: { type: string }) => type !== 'row');
  expect(graphs.length).toBeGreaterThan(15);
  for (const panel of graphs) {
    expect(panel.datasource.uid).toMatch(/^\$\{datasource\}$/);
    expect(panel.targets.length).toBeGreaterThan(0);
    for (const { expr } of panel.targets) expect(expr, panel.title).toContain('{job="$job"');
  }
  const used = new Set([...dashboard.matchAll(METRIC)].map(([name]) => byName.get(name)));
  const unseen = Object.values<Instrument>(INSTRUMENTS).filter((one) => !used.has(one));
  expect(unseen.map(({ name }) => name)).toEqual([
    ...['latchkey.signing_key.active_since.timestamp', 'latchkey.audit.stray_events'],
    'latchkey.statistics.lag',
    ...['process.start_time', 'process.open_fds'],
    'nodejs.heap.limit',
  ]);
});
