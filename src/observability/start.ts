import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  MeterProvider,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
} from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Handler } from '../http/handler.ts';
import { SECOND } from '../kernel/duration.ts';
import type { Log } from '../kernel/ports.ts';
import type { TelemetryConfig } from '../settings/telemetry.ts';
import { otlpProducer } from './otlp.ts';
import type { Registry } from './registry.ts';
import { reporting } from './reporting.ts';
import { createRequestTracer, type RequestTracer } from './request-tracer.ts';
import { createSampler } from './sampler.ts';
import { tracedLog } from './traced-log.ts';

/** What a test may put in the place of the collector. */
export type Exporters = { readonly spans?: SpanExporter; readonly metrics?: PushMetricExporter };

/** Traces and metrics on their way to a collector. */
export type Telemetry = {
  /** Null where traces go nowhere. */
  readonly tracer: RequestTracer | null;
  /** The same handler, each of whose requests is timed. */
  around(handler: Handler): Handler;
  /** The same log, whose lines carry the id of the trace they belong to. */
  logged(log: Log): Log;
  /** Sends what is left, and does not wait long for a collector that is away. */
  stop(): Promise<void>;
};

/** A stopping process has other things to finish than telling how long they took. */
const LAST_EXPORT = 2 * SECOND;

/** Starts OpenTelemetry's SDK. Import it lazily: where nothing is sent, nothing of it is loaded. */
export function startTelemetry(
  config: TelemetryConfig,
  log: Log,
  process: {
    readonly version: string;
    /** Tells this process from every other one; OTEL_RESOURCE_ATTRIBUTES may name another. */
    readonly instanceId: string;
    /** What is measured; null where metrics are not sent. */
    readonly registry: Registry | null;
    readonly exporters?: Exporters | undefined;
  },
): Telemetry {
  const { exporters = {}, registry } = process;
  const resource = resourceFromAttributes({
    'service.version': process.version,
    'service.instance.id': process.instanceId,
    ...config.resourceAttributes,
    'service.name': config.serviceName,
  });
  const { tracesUrl, metricsUrl } = config;
  const headers = { ...config.headers };
  const spans =
    tracesUrl === null
      ? null
      : new TracerProvider({
          resource,
          sampler: createSampler(config),
          spanProcessors: [
            new BatchSpanProcessor({
              exporter: reporting(
                exporters.spans ?? new OTLPTraceExporter({ url: tracesUrl, headers }),
                () => log.warn({}, 'trace export failed'),
              ),
            }),
          ],
        });
  const metrics =
    metricsUrl === null || registry === null
      ? null
      : new MeterProvider({
          resource,
          readers: [
            new PeriodicExportingMetricReader({
              exporter: reporting(
                exporters.metrics ?? new OTLPMetricExporter({ url: metricsUrl, headers }),
                () => log.warn({}, 'metric export failed'),
              ),
              metricProducers: [otlpProducer(registry, resource)],
              exportIntervalMillis: config.metricInterval,
              exportTimeoutMillis: Math.min(config.metricInterval, 30 * SECOND),
            }),
          ],
        });
  const tracer = spans ? createRequestTracer(spans.getTracer('latchkey')) : null;
  return {
    tracer,
    around(handler) {
      if (!tracer) return handler;
      return (request) =>
        tracer.request(request.headers.get('traceparent'), () => handler(request));
    },
    logged: (own) => (tracer ? tracedLog(own, tracer.traceId) : own),
    async stop() {
      const sent = Promise.allSettled([spans?.shutdown(), metrics?.shutdown()]);
      const enough = Promise.withResolvers<void>();
      const timer = setTimeout(enough.resolve, LAST_EXPORT);
      // What could not be sent was said by then.
      await Promise.race([sent, enough.promise]);
      clearTimeout(timer);
    },
  };
}
