import type { Operation } from '../contenders/contender.ts';
import type { Isolation } from '../isolation.ts';
import type { Result } from './rounds.ts';
import { median } from './statistics.ts';
import { digits, renderTable } from './table.ts';

/** The figures that the goals are compared with. */
export type Measured = {
  readonly results: readonly Result[];
  readonly isolation: Isolation;
  readonly coldStarts: readonly number[];
  /** Resident memory before the first request, in MiB. */
  readonly idle: number | null;
  readonly cores: number;
};

type Goal = {
  readonly figure: string;
  readonly formula: string;
  readonly goal: string;
  readonly value: number;
  readonly isReached: (value: number) => boolean;
};

/**
 * The Go server (hasura-auth) is not among the contenders. Its ratio is derived from the floor, which was
 * measured beside it once, in requests a second: (ours ÷ floor here) × (floor ÷ Go there).
 */
const FLOOR_TO_GO = { viewer: 10_100 / 9_000, refresh: 3_570 / 3_770 } as const;

/** Memory of one hash at the default parameters, in MiB. */
const HASH_MIB = 19;

/** Renders each goal with its figure, its formula, and whether it is met. */
export function renderGoals(measured: Measured): string {
  const rows = goalsOf(measured).map(({ figure, formula, goal, value, isReached }) => [
    figure,
    Number.isNaN(value) ? '' : digits(value),
    goal,
    Number.isNaN(value) ? 'not measured' : isReached(value) ? 'met' : 'not met',
    formula,
  ]);
  return renderTable([['goal', 'figure', 'wanted', '', 'formula'], ...rows]);
}

function goalsOf({ results, isolation, coldStarts, idle, cores }: Measured): readonly Goal[] {
  const over = (operation: Operation, contender: string) => {
    const one = results.find((it) => it.operation === operation && it.contender === contender);
    return one ? median(one.ratios) : Number.NaN;
  };
  const hot = (['viewer', 'refresh'] as const).flatMap((operation) => {
    const floor = over(operation, 'floor: node:http');
    return [
      atLeast(0.8, {
        figure: `${operation} ÷ raw floor`,
        formula: 'median of rounds',
        value: floor,
      }),
      atLeast(1.2, {
        figure: `${operation} ÷ Go server`,
        formula: `ours ÷ floor × ${digits(FLOOR_TO_GO[operation])} (floor ÷ Go, measured once side by side)`,
        value: floor * FLOOR_TO_GO[operation],
      }),
    ];
  });
  const { flood, refused, memory } = isolation;
  return [
    ...hot,
    atLeast(20, {
      figure: 'viewer ÷ better-auth',
      formula: 'median of rounds',
      value: over('viewer', 'better-auth'),
    }),
    atLeast(0.95, {
      figure: 'login ÷ bare hash',
      formula: 'median of rounds, same build and parameters',
      value: over('sign-in', 'floor: argon2'),
    }),
    atMost(50, { figure: 'flood: refresh ms', formula: 'p99', value: flood.refresh.p99 }),
    atMost(30, { figure: 'flood: viewer ms', formula: 'p99', value: flood.viewer.p99 }),
    atMost(50, { figure: 'flood: refused ms', formula: 'p99', value: refused.p99 }),
    atMost(cores * HASH_MIB + 100, {
      figure: 'flood: MiB more',
      formula: 'peak − before; wanted: cores × hash + 100',
      value: memory ? memory.peak - memory.before : Number.NaN,
    }),
    atMost(300, {
      figure: 'cold start ms',
      formula: `median of ${coldStarts.length}, migrated database`,
      value: median(coldStarts),
    }),
    atMost(110, {
      figure: 'memory idle MiB',
      formula: 'resident, at rest after the first answer',
      value: idle ?? Number.NaN,
    }),
  ];
}

function atLeast(wanted: number, goal: Pick<Goal, 'figure' | 'formula' | 'value'>): Goal {
  return { ...goal, goal: `≥ ${wanted}`, isReached: (value) => value >= wanted };
}

function atMost(wanted: number, goal: Pick<Goal, 'figure' | 'formula' | 'value'>): Goal {
  return { ...goal, goal: `≤ ${wanted}`, isReached: (value) => value <= wanted };
}
