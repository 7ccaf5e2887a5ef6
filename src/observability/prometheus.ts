import { createServer, type Server } from 'node:http';
import type { Log } from '../kernel/ports.ts';
import type { Instrument } from './instruments.ts';
import type { HistogramPoint, LabelValues, Measured } from './registry.ts';

/** Prometheus' text format, version 0.0.4. */
export const PROMETHEUS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Units as Prometheus spells them out. Counted things, in braces, have none. */
const UNITS: Readonly<Record<string, string>> = { s: 'seconds', By: 'bytes', '1': 'ratio' };

/** The name in Prometheus, by OpenTelemetry's rule (Prometheus and OpenMetrics compatibility). */
export function prometheusName({ name, unit, kind }: Instrument): string {
  const words = labelName(name);
  const suffix = UNITS[unit];
  const measured = suffix && !words.endsWith(`_${suffix}`) ? `${words}_${suffix}` : words;
  return kind === 'counter' ? `${measured}_total` : measured;
}

/** A label's name in Prometheus, by the same rule. */
export function labelName(name: string): string {
  return name.replaceAll('.', '_');
}

/** Writes measurements in the text format. */
export function prometheusText(all: readonly Measured[]): string {
  const lines = all.flatMap((measured) => {
    const { instrument } = measured;
    const name = prometheusName(instrument);
    const samples =
      measured.kind === 'histogram'
        ? measured.points.flatMap((point) => histogramLines(name, instrument, point))
        : measured.points.map(
            ({ labels, value }) => `${name}${braced(instrument, labels)} ${value}`,
          );
    return [`# HELP ${name} ${instrument.help}`, `# TYPE ${name} ${instrument.kind}`, ...samples];
  });
  return `${lines.join('\n')}\n`;
}

function histogramLines(
  name: string,
  instrument: Instrument,
  { labels, counts, sum, count }: HistogramPoint,
): readonly string[] {
  const bounds = [...(instrument.buckets ?? []).map(String), '+Inf'];
  let below = 0;
  const buckets = bounds.map((bound, index) => {
    below += counts[index] ?? 0;
    return `${name}_bucket${braced(instrument, labels, `le="${bound}"`)} ${below}`;
  });
  const own = braced(instrument, labels);
  return [...buckets, `${name}_sum${own} ${sum}`, `${name}_count${own} ${count}`];
}

function braced(instrument: Instrument, values: LabelValues, more?: string): string {
  const pairs = instrument.labels.map(
    (label, index) => `${labelName(label)}="${escaped(String(values[index] ?? ''))}"`,
  );
  const all = more === undefined ? pairs : [...pairs, more];
  return all.length > 0 ? `{${all.join(',')}}` : '';
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

/** Metrics as text, with its content type. */
type Scraped = { read(): { readonly contentType: string; readonly text: string } };

/**
 * Serves /metrics on a port of its own, which listens on loopback unless METRICS_HOST says otherwise:
 * load and outcomes are for the operator alone (HT-8). The server never keeps the process alive.
 */
export function createMetricsServer(metrics: Scraped, log: Log): Server {
  const server = createServer((incoming, outgoing) => {
    if (incoming.method !== 'GET' || incoming.url !== '/metrics') {
      outgoing.writeHead(404).end();
      return;
    }
    try {
      const { contentType, text } = metrics.read();
      outgoing.writeHead(200, { 'content-type': contentType }).end(text);
    } catch (error) {
      log.error({ err: error }, 'metrics collection failed');
      outgoing.writeHead(500).end();
    }
  });
  return server.unref();
}
