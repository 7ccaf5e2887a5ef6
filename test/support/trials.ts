/**
 * How often a race is run: the suite's share, which a missing guard does not get past, or as often
 * as TRIALS says. `TRIALS=200 npm test` is the long form.
 */
export function trialsOr(share: number): number {
  return Number(process.env['TRIALS'] ?? share);
}
