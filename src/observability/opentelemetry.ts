import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  MeterProvider,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
} from '@opentelemetry/sdk-metrics';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { Handler } from '../http/exchange.ts';
import { SECOND } from '../kernel/duration.ts';
import type { Log } from '../kernel/ports.ts';
import type { TelemetryConfig } from '../settings/telemetry.ts';
import { tracedLog } from './log.ts';
import { otlpProducer } from './otlp.ts';
import type { Registry } from './registry.ts';
import { createRequestTracer, type RequestTracer } from './request-tracer.ts';

/** Exporters that a test may use in place of the collector. */
export type Exporters = { readonly spans?: SpanExporter; readonly metrics?: PushMetricExporter };

/** The export of traces and metrics to a collector. */
export type Telemetry = {
  /** Null if traces are not exported. */
  readonly tracer: RequestTracer | null;
  /** The same handler, with a span around each request. */
  around(handler: Handler): Handler;
  /** The same log, with the trace id in each line. */
  logged(log: Log): Log;
  /** Sends the rest. If the collector does not answer, gives up after two seconds. */
  stop(): Promise<void>;
};

/** The most time that a stopping process spends on its last export. */
const LAST_EXPORT = 2 * SECOND;

/** Starts OpenTelemetry's SDK. Import this file lazily: a server that exports nothing does not load the SDK. */
export function startTelemetry(
  config: TelemetryConfig,
  log: Log,
  process: {
    readonly version: string;
    /** Identifies this process; OTEL_RESOURCE_ATTRIBUTES may override it. */
    readonly instanceId: string;
    /** Null if metrics are not measured. */
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
      // Failed exports have been logged by then.
      await Promise.race([sent, enough.promise]);
      clearTimeout(timer);
    },
  };
}

/** The result of an export; code 0 is success. */
type Result = { readonly code: number };

type Exporter<Items> = { export(items: Items, done: (result: Result) => void): void };

/**
 * The same exporter, which reports failed exports. It does not report the reason, which may quote the
 * collector's answer or the headers.
 */
function reporting<Items, E extends Exporter<Items>>(exporter: E, onFailure: () => void): E {
  const send = exporter.export.bind(exporter);
  exporter.export = (items: Items, done: (result: Result) => void) =>
    send(items, (result) => {
      if (result.code !== 0) onFailure();
      done(result);
    });
  return exporter;
}

/** The sampler of OTEL_TRACES_SAMPLER. The SDK itself does not read that variable. */
function createSampler(config: Pick<TelemetryConfig, 'sampler' | 'sampledRatio'>): Sampler {
  switch (config.sampler) {
    case 'always_on':
      return new AlwaysOnSampler();
    case 'always_off':
      return new AlwaysOffSampler();
    case 'traceidratio':
      return new TraceIdRatioBasedSampler(config.sampledRatio);
    case 'parentbased_always_on':
      return new ParentBasedSampler({ root: new AlwaysOnSampler() });
    case 'parentbased_always_off':
      return new ParentBasedSampler({ root: new AlwaysOffSampler() });
    case 'parentbased_traceidratio':
      return new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(config.sampledRatio) });
  }
}
