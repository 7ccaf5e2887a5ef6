import type { z } from 'zod';
import { anyText, oneOf, reading, wholeNumber } from './schemas.ts';
import { setting } from './setting.ts';

/** Where traces and metrics are exported, by OpenTelemetry's names and rules. */
export type TelemetryConfig = {
  readonly serviceName: string;
  readonly resourceAttributes: Readonly<Record<string, string>>;
  /** If null, traces are not exported. */
  readonly tracesUrl: string | null;
  /** If null, metrics are not exported. */
  readonly metricsUrl: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly sampler: (typeof SAMPLERS)[number];
  /** The ratio of the ratio samplers, 0 to 1. */
  readonly sampledRatio: number;
  /** Milliseconds from one export of metrics to the next. */
  readonly metricInterval: number;
};

const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

/** A collector often listens on plain HTTP beside the server, so http is allowed. */
const collectorUrl: z.ZodType<string> = reading((text, refuse) => {
  const url = URL.parse(text);
  const isWeb = url?.protocol === 'http:' || url?.protocol === 'https:';
  return url && isWeb && !url.username && !url.password
    ? text.replace(/\/+$/, '')
    : refuse('must be an absolute URL without credentials');
});

/** `name=value` pairs, separated by commas, the values percent-encoded (W3C Baggage). */
const pairs: z.ZodType<Readonly<Record<string, string>>> = reading((text, refuse) => {
  const entries = text.split(',').flatMap((part) => {
    const at = part.indexOf('=');
    const value = at > 0 ? decoded(part.slice(at + 1).trim()) : null;
    return part.trim() === '' ? [] : [[part.slice(0, at).trim(), value] as const];
  });
  const wrong = entries.findIndex(([, value]) => value === null);
  if (wrong >= 0) return refuse(`entry ${wrong + 1} must be name=value`);
  return Object.fromEntries(entries.map(([name, value]) => [name, value ?? '']));
});

/** OpenTelemetry's booleans ignore case. */
const anyCaseFlag: z.ZodType<boolean> = reading((text, refuse) =>
  /^(?:true|false)$/i.test(text) ? /^true$/i.test(text) : refuse('must be true or false'),
);

const ratio: z.ZodType<number> = reading((text, refuse) =>
  /^(0|1|0?\.\d{1,6}|1\.0{1,6}|0\.\d{1,6})$/.test(text)
    ? Number(text)
    : refuse('must be a number from 0 to 1'),
);

/**
 * OpenTelemetry's settings. What it knows beyond these (timeouts, certificates) it reads itself. Values of
 * choices, numbers and booleans that are not known are ignored with a warning, as its specification says
 * (Environment Variable Specification, Parsing): they are often set for a whole cluster.
 */
export const TELEMETRY_SETTINGS = {
  OTEL_EXPORTER_OTLP_ENDPOINT: setting({
    fallback: null,
    shown: 'off',
    meaning:
      'Address of an OpenTelemetry collector; the server sends traces and metrics to it by OTLP over HTTP',
    schema: collectorUrl.nullable(),
  }),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: setting({
    fallback: null,
    shown: 'OTEL_EXPORTER_OTLP_ENDPOINT/v1/traces',
    meaning: 'Address for traces alone, the whole URL',
    schema: collectorUrl.nullable(),
  }),
  OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: setting({
    fallback: null,
    shown: 'OTEL_EXPORTER_OTLP_ENDPOINT/v1/metrics',
    meaning: 'Address for metrics alone, the whole URL',
    schema: collectorUrl.nullable(),
  }),
  OTEL_EXPORTER_OTLP_PROTOCOL: setting({
    fallback: 'http/protobuf',
    meaning: '`http/protobuf` is the only protocol',
    isLenient: true,
    schema: oneOf('http/protobuf'),
  }),
  OTEL_EXPORTER_OTLP_HEADERS: setting({
    fallback: null,
    secret: 'whole',
    meaning: 'Headers of every export, such as an API key; `name=value` separated by commas',
    schema: pairs.nullable(),
  }),
  OTEL_SDK_DISABLED: setting({
    fallback: 'false',
    meaning: '`true`: nothing is sent, whatever else is set',
    isLenient: true,
    schema: anyCaseFlag,
  }),
  OTEL_SERVICE_NAME: setting({
    fallback: 'latchkey',
    meaning: '`service.name` of traces and metrics',
    schema: anyText,
  }),
  OTEL_RESOURCE_ATTRIBUTES: setting({
    fallback: null,
    meaning: 'Further attributes that identify this deployment; `name=value` separated by commas',
    isLenient: true,
    schema: pairs.nullable(),
  }),
  OTEL_TRACES_SAMPLER: setting({
    fallback: 'parentbased_always_on',
    meaning: `Which traces are sent: ${SAMPLERS.map((one) => `\`${one}\``).join(', ')}`,
    isLenient: true,
    schema: oneOf(...SAMPLERS),
  }),
  OTEL_TRACES_SAMPLER_ARG: setting({
    fallback: '1',
    meaning: 'Share of traces that the ratio samplers send, 0 to 1',
    isLenient: true,
    schema: ratio,
  }),
  OTEL_METRIC_EXPORT_INTERVAL: setting({
    fallback: '60000',
    meaning: 'Milliseconds between exports of metrics, 1000 to 3600000',
    isLenient: true,
    schema: wholeNumber(1_000, 3_600_000),
  }),
};

/** True for the name of one of OpenTelemetry's settings. */
export function isTelemetrySetting(name: string): boolean {
  return Object.hasOwn(TELEMETRY_SETTINGS, name);
}

type Values = {
  readonly [N in keyof typeof TELEMETRY_SETTINGS]: ReturnType<
    (typeof TELEMETRY_SETTINGS)[N]['read']
  > extends infer R
    ? R extends { readonly ok: true; readonly value: infer T }
      ? T
      : never
    : never;
};

/** @returns null if nothing is exported */
export function telemetryOf(values: Values): TelemetryConfig | null {
  const base = values.OTEL_EXPORTER_OTLP_ENDPOINT;
  const tracesUrl = values.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? (base && `${base}/v1/traces`);
  const metricsUrl = values.OTEL_EXPORTER_OTLP_METRICS_ENDPOINT ?? (base && `${base}/v1/metrics`);
  if (values.OTEL_SDK_DISABLED || (tracesUrl === null && metricsUrl === null)) return null;
  return {
    tracesUrl,
    metricsUrl,
    serviceName: values.OTEL_SERVICE_NAME,
    resourceAttributes: values.OTEL_RESOURCE_ATTRIBUTES ?? {},
    headers: values.OTEL_EXPORTER_OTLP_HEADERS ?? {},
    sampler: values.OTEL_TRACES_SAMPLER,
    sampledRatio: values.OTEL_TRACES_SAMPLER_ARG,
    metricInterval: values.OTEL_METRIC_EXPORT_INTERVAL,
  };
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}
