/**
 * What rooms count while it happens, each with its one label. The label's values come from a closed list:
 * what a caller wrote is none (GQ-16). `telemetry/instruments.ts` gives each its name for the operator.
 */
export type Counted = {
  /** A refresh token came back after its replay window, and its session was ended (RR-7). */
  readonly refreshReuses: null;
  /** A refresh token was accepted that follows the stored one: a failover had lost rotations. */
  readonly refreshAdoptions: null;
  /** The limit that refused. */
  readonly rateLimitRefusals: string;
  /** What one try to send a mail came to. */
  readonly mailDeliveries: 'sent' | 'refused' | 'dead' | 'unavailable';
};

/** Counts for the operator's metrics. Never throws, never waits. */
export type Meter = {
  count<Event extends keyof Counted>(event: Event, label: Counted[Event]): void;
};

/** Where nobody collects metrics. */
export const NO_METER: Meter = { count: () => undefined };
