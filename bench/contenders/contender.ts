import { type Caller, type Run, runLoad } from '../lib/load.ts';
import type { Program } from '../lib/program.ts';

/** What is measured. */
export type Operation = 'viewer' | 'viewer, one caller' | 'refresh' | 'sign-in';

/** One way to do an operation, ready to be measured any number of times. */
export type Contender = {
  readonly name: string;
  readonly operation: Operation;
  /** Does it for so long and tells each duration. */
  run(seconds: number): Promise<Run>;
};

/** A process that contenders live in. */
export type Host = {
  readonly name: string;
  readonly program: Program;
  readonly contenders: readonly Contender[];
};

/** Callers over HTTP; what they hold (a chain of tokens) goes on from one run to the next. */
export function httpContender(
  of: { readonly name: string; readonly operation: Operation; readonly port: number },
  callers: () => readonly Caller[],
): Contender {
  let made: readonly Caller[] | undefined;
  return {
    name: of.name,
    operation: of.operation,
    run(seconds) {
      made ??= callers();
      return runLoad(of.port, made, seconds);
    },
  };
}

/** As many as that, numbered from 0. */
export function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}
