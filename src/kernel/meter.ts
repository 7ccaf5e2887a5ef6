/**
 * Events that rooms count as they happen, each with at most one label. Label values come from closed
 * lists and are never a caller's text (GQ-16). `observability/instruments.ts` names each instrument.
 */
export type Counted = {
  /** A refresh token was presented after its replay window, and its session was ended (RR-7). */
  readonly refreshReuses: null;
  /** A refresh token was accepted that succeeds the stored one: a failover had lost rotations. */
  readonly refreshAdoptions: null;
  /** The name of the limit that refused. */
  readonly rateLimitRefusals: string;
  /** The outcome of one attempt to send a mail. */
  readonly mailDeliveries: 'sent' | 'refused' | 'dead' | 'unavailable';
};

/** Counts for the operator's metrics. Never throws, never waits. */
export type Meter = {
  count<Event extends keyof Counted>(event: Event, label: Counted[Event]): void;
};

/** The meter of a server that collects no metrics. */
export const NO_METER: Meter = { count: () => undefined };
