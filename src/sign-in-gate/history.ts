import type { Executor } from '../db/executor.ts';
import { pipeline } from '../db/pipeline.ts';
import type { Statement } from '../db/statement.ts';
import type { Deps } from '../deps.ts';
import {
  type EnrolledFactors,
  enrolledSecondFactors,
  NO_FACTORS,
} from '../proofs/second-factor/enrolled.ts';
import type { PersonKey } from '../user/person-key.ts';
import { readFailures, readOrigins } from './history-store.ts';
import type { KnownOrigins } from './origin.ts';

/** A person's earlier sign-ins: devices and networks, and the failures since the last success. */
export type SignInHistory = { readonly origins: KnownOrigins; readonly failures: number };

/** What the gate has to know of a person whose first factor is proven. */
export type PersonRecord = SignInHistory & { readonly factors: EnrolledFactors };

/** The person, and the address at which failed sign-ins are counted. */
type RecordOwner = { readonly id: PersonKey; readonly email: string };

type ReadDeps = Pick<Deps, 'clock' | 'keyring'>;

/** The statements that read a person's record, for a pipeline with other statements. */
export function personRecordStatements(
  deps: ReadDeps,
  { id, email }: RecordOwner,
): readonly [Statement<EnrolledFactors>, Statement<KnownOrigins>, Statement<number>] {
  return [enrolledSecondFactors(id), readOrigins(id), readFailures(deps, email)];
}

/** Reads a person's record, in one pipeline. Read it before the sign-in is recorded. */
export async function readPersonRecord(
  deps: ReadDeps,
  executor: Pick<Executor, 'send'>,
  owner: RecordOwner,
): Promise<PersonRecord> {
  const statements = personRecordStatements(deps, owner);
  const [factors, origins, failures] = await pipeline(executor, statements);
  return { factors, origins, failures };
}

/** The record of a person who is created in the same transaction. */
export const EMPTY_RECORD: PersonRecord = {
  factors: NO_FACTORS,
  origins: { devices: [], networks: [] },
  failures: 0,
};
