import {
  type Context,
  createContextKey,
  type Tracer as OtelTracer,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import type { RequestObserver } from '../http/observed-request.ts';
import type { SpanAttributes, Tracer } from '../kernel/ports.ts';
import { methodLabel } from './labels.ts';

/** A tracer whose traces begin with requests. `observe` names the span of the request under way. */
export type RequestTracer = Tracer &
  RequestObserver & {
    /** Times a request, as a part of the caller's trace if the header names one. */
    request<T>(traceparent: string | null, work: () => Promise<T>): Promise<T>;
    /** The id of the trace under way; null without one. */
    traceId(): string | null;
  };

/**
 * The server's own request ids are UUIDs. A caller's own id is free text, which does not leave the
 * server: the log has it beside the trace id.
 */
const UUID = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i;

const SERVER = createContextKey('the request under way');

/**
 * The server's tracer on top of OpenTelemetry's. It keeps its own contexts and registers nothing
 * globally, so that nothing else in the process is traced by accident.
 *
 * A span names an error and nothing more: its message may be a library's text, and its stack quotes
 * the message.
 */
export function createRequestTracer(tracer: OtelTracer): RequestTracer {
  const contexts = new AsyncLocalStorageContextManager();
  /** The root fields or operations that each request asked for, by its span. */
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
    observe({ path, method, status, requestId }) {
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

const TRACEPARENT =
  /^(?!ff)([\da-f]{2})-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})(-.*)?$/;

/**
 * Reads the caller's span (W3C Trace Context 3.2). A later version of the header may be longer. A
 * header that breaks the rules is ignored.
 */
export function readTraceparent(header: string | null): SpanContext | null {
  const [, version, traceId, spanId, flags, rest] = TRACEPARENT.exec(header?.trim() ?? '') ?? [];
  if (!traceId || !spanId || !flags || (version === '00' && rest !== undefined)) return null;
  const isSampled = (Number.parseInt(flags, 16) & TraceFlags.SAMPLED) !== 0;
  return {
    traceId,
    spanId,
    traceFlags: isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
    isRemote: true,
  };
}
