import { type Caller, type Run, runLoad } from '../lib/load.ts';
import type { Program } from '../lib/program.ts';

/** The measured operations. */
export type Operation = 'viewer' | 'viewer, one caller' | 'refresh' | 'sign-in';

/** One way to do an operation, ready to be measured any number of times. */
export type Contender = {
  readonly name: string;
  readonly operation: Operation;
  /** Performs the operation for that long and returns each duration. */
  run(seconds: number): Promise<Run>;
};

/** A process that contains contenders. */
export type Host = {
  readonly name: string;
  readonly program: Program;
  readonly contenders: readonly Contender[];
};

/** Callers over HTTP. Their chain of tokens continues from one run to the next. */
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

/** That many values, numbered from 0. */
export function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}
