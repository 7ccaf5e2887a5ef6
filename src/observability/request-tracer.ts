import {
  type Context,
  createContextKey,
  type Tracer as OtelTracer,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { methodLabel, type ObservedRequest } from '../http/observed-request.ts';
import type { SpanAttributes, Tracer } from '../kernel/ports.ts';
import { readTraceparent } from './traceparent.ts';

/** A tracer that begins with requests. */
export type RequestTracer = Tracer & {
  /** Times a request, as a part of the caller's trace when there is one. */
  request<T>(traceparent: string | null, work: () => Promise<T>): Promise<T>;
  /** Tells the request under way what it was and came to; ends nothing. */
  answered(request: ObservedRequest): void;
  /** The trace under way; null without one. */
  traceId(): string | null;
};

/** Ours are UUIDs. A caller's own is in the log, beside the trace's; free text does not leave the server. */
const UUID = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i;

const SERVER = createContextKey('the request under way');

/**
 * Our tracer over OpenTelemetry's. Contexts are its own: nothing global is registered, so nothing
 * else in the process is traced by accident.
 *
 * An error is told by its name alone. Messages are another's words, and a stack quotes them.
 */
export function createRequestTracer(tracer: OtelTracer): RequestTracer {
  const contexts = new AsyncLocalStorageContextManager();
  /** What each request asked for, by its span. */
  const asked = new WeakMap<Span, { readonly kind: string; readonly names: Set<string> }>();

  const run = async <T>(span: Span, parent: Context, work: () => Promise<T>): Promise<T> => {
    try {
      return await contexts.with(trace.setSpan(parent, span), work);
    } catch (error) {
      span.setAttribute('error.type', error instanceof Error ? error.name : 'unknown');
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  };
  const serverOf = (context: Context) => context.getValue(SERVER) as Span | undefined;

  return {
    span(name, attributes: SpanAttributes, work) {
      const parent = contexts.active();
      if (!trace.getSpan(parent)) return work();
      return run(tracer.startSpan(name, { attributes }, parent), parent, work);
    },
    trace: (name, attributes, work) =>
      run(tracer.startSpan(name, { attributes }, ROOT_CONTEXT), ROOT_CONTEXT, work),
    request(traceparent, work) {
      const caller = readTraceparent(traceparent);
      const parent = caller ? trace.setSpanContext(ROOT_CONTEXT, caller) : ROOT_CONTEXT;
      const span = tracer.startSpan('request', { kind: SpanKind.SERVER }, parent);
      return run(span, parent.setValue(SERVER, span), work);
    },
    asked(kind, name) {
      const server = serverOf(contexts.active());
      if (!server) return;
      const known = asked.get(server) ?? { kind, names: new Set() };
      known.names.add(name);
      asked.set(server, known);
    },
    traceId: () => trace.getSpanContext(contexts.active())?.traceId ?? null,
    answered({ path, method, status, requestId }) {
      const server = serverOf(contexts.active());
      if (!server) return;
      const verb = methodLabel(method);
      const what = asked.get(server);
      server.updateName(
        what ? `${what.kind} ${[...what.names].join(' ')}` : `${verb} ${path ?? 'other'}`,
      );
      server.setAttributes({
        'http.request.method': verb,
        'http.route': path ?? 'other',
        'http.response.status_code': status,
        ...(UUID.test(requestId) && { 'latchkey.request_id': requestId }),
      });
      if (status >= 500) server.setStatus({ code: SpanStatusCode.ERROR });
    },
  };
}
