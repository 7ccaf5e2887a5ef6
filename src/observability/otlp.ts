import { type HrTime, ValueType } from '@opentelemetry/api';
import {
  AggregationTemporality,
  DataPointType,
  type MetricData,
  type MetricProducer,
} from '@opentelemetry/sdk-metrics';
import type { Instrument } from './instruments.ts';
import type { LabelValues, Measured, Registry } from './registry.ts';

/** Provides the registry's measurements to OpenTelemetry's reader, which adds the resource and sends them. */
export function otlpProducer(
  registry: Pick<Registry, 'collect'>,
  resource: Awaited<ReturnType<MetricProducer['collect']>>['resourceMetrics']['resource'],
): MetricProducer {
  const startTime = hrTime(Date.now());
  return {
    collect: async () => {
      const times = { startTime, endTime: hrTime(Date.now()) };
      const metrics = registry
        .collect()
        .filter(({ points }) => points.length > 0)
        .map((measured) => metricData(measured, times));
      return {
        resourceMetrics: { resource, scopeMetrics: [{ scope: { name: 'latchkey' }, metrics }] },
        errors: [],
      };
    },
  };
}

type Times = { readonly startTime: HrTime; readonly endTime: HrTime };

function metricData(measured: Measured, times: Times): MetricData {
  const { instrument } = measured;
  const { name, help: description, unit } = instrument;
  const described = {
    descriptor: { name, description, unit, valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
  const at = (labels: LabelValues) => ({ ...times, attributes: attributes(instrument, labels) });
  if (measured.kind === 'histogram') {
    const boundaries = [...(instrument.buckets ?? [])];
    const dataPoints = measured.points.map(({ labels, counts, sum, count }) => ({
      ...at(labels),
      value: { buckets: { boundaries, counts: [...counts] }, sum, count },
    }));
    return { ...described, dataPointType: DataPointType.HISTOGRAM, dataPoints };
  }
  const dataPoints = measured.points.map(({ labels, value }) => ({ ...at(labels), value }));
  return measured.kind === 'counter'
    ? { ...described, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints }
    : { ...described, dataPointType: DataPointType.GAUGE, dataPoints };
}

function attributes(instrument: Instrument, values: LabelValues) {
  return Object.fromEntries(instrument.labels.map((label, index) => [label, values[index] ?? '']));
}

function hrTime(milliseconds: number): HrTime {
  return [Math.floor(milliseconds / 1_000), (milliseconds % 1_000) * 1_000_000];
}
