import type { FieldOutcome } from '../graphql-engine/context.ts';

/** One answered request, for the log, the metrics and the trace (src/observability). */
type ObservedRequest = {
  /** The route's own path; null for a path that has no route, because its text is the caller's. */
  readonly path: string | null;
  readonly method: string;
  readonly status: number;
  readonly milliseconds: number;
  /** The name of the operation, as far as a log may show it; null without one. */
  readonly operation: string | null;
  /** The schema's root field that was executed, `several` for more than one, or null. */
  readonly rootField: string | null;
  readonly outcomes: readonly FieldOutcome[];
  /** The person whose live session the bearer's token named; null if it was not read. */
  readonly userId: string | null;
  /** May be the caller's own text, so that no metric takes it as a label (GQ-16). */
  readonly requestId: string;
};

/** Receives every request once it is answered. */
export type RequestObserver = { observe(request: ObservedRequest): void };
