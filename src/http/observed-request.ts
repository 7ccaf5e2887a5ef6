import type { FieldOutcome } from '../graphql-engine/observe-outcomes.ts';

/** One answered request, in words from closed lists: paths and names a caller wrote are not (GQ-16). */
export type ObservedRequest = {
  /** The route's own path, or null. */
  readonly path: string | null;
  readonly method: string;
  readonly status: number;
  readonly milliseconds: number;
  /** The schema's root field that was executed, `several` for more than one, or null. */
  readonly rootField: string | null;
  readonly outcomes: readonly FieldOutcome[];
  /** The caller's text where it brought one: for a trace's request, not for a metric. */
  readonly requestId: string;
};

/** Told of every request once it is answered. */
export type RequestObserver = { observe(request: ObservedRequest): void };

const METHODS = new Set(['GET', 'HEAD', 'POST', 'OPTIONS']);

/** A request's method in words from a closed list: a caller can make up any other (GQ-16). */
export function methodLabel(method: string): string {
  return METHODS.has(method) ? method : 'other';
}
