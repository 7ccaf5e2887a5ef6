/**
 * Writes the table of metrics into docs/operating/monitoring.md; with `--check` it only compares, and
 * fails if they differ.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { INSTRUMENTS, type Instrument } from '../src/observability/instruments.ts';
import { labelName, prometheusName } from '../src/observability/prometheus.ts';

const PATH = 'docs/operating/monitoring.md';
const PLACE = /(<!-- metrics:start -->\n)[\s\S]*?(<!-- metrics:end -->)/;

const row = (instrument: Instrument) => {
  const { name, kind, help, labels } = instrument;
  const own = labels.map((label) => `\`${labelName(label)}\``).join(', ');
  return `| \`${prometheusName(instrument)}\` | \`${name}\` | ${kind} | ${own} | ${help} |`;
};
const table = [
  '| Prometheus | OpenTelemetry | kind | labels | measures |',
  '|---|---|---|---|---|',
  ...Object.values(INSTRUMENTS).map(row),
  '',
].join('\n');

const document = readFileSync(PATH, 'utf8');
const wanted = document.replace(PLACE, (_all, start, end) => `${start}\n${table}\n${end}`);

if (!PLACE.test(document)) {
  console.error(`${PATH} has no <!-- metrics:start --> … <!-- metrics:end -->.`);
  process.exitCode = 1;
} else if (wanted === document) {
  console.log(`${PATH}: the table of metrics is up to date.`);
} else if (process.argv.includes('--check')) {
  console.error(`${PATH}: the table of metrics is out of date; run npm run metrics-table.`);
  process.exitCode = 1;
} else {
  writeFileSync(PATH, wanted);
  console.log(`${PATH}: wrote the table of metrics.`);
}
