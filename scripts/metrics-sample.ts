/** Prints every metric with one series, as /metrics would: for `promtool check metrics`. */
import { INSTRUMENTS } from '../src/observability/instruments.ts';
import { prometheusText } from '../src/observability/prometheus.ts';

const all = Object.values(INSTRUMENTS).map((instrument) => {
  const labels = instrument.labels.map(() => 'a');
  const { kind } = instrument;
  return kind === 'histogram'
    ? { instrument, kind, points: [{ labels, counts: [1], sum: 1, count: 1 }] }
    : { instrument, kind, points: [{ labels, value: 1 }] };
});
process.stdout.write(prometheusText(all));
