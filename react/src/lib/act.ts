import type { Operation } from '@latchkey/client';
import type { ReauthenticationMethod } from '@latchkey/client/operations';
import { useCallback } from 'react';
import { useLatchkey } from '../context.ts';
import { useProve } from '../ui/step-up.tsx';

/** One member of a mutation’s union. */
type Outcome = { readonly __typename: string };

/** The variables of an operation; none if it has none. */
type VariablesOf<Variables> = Record<string, never> extends Variables ? [Variables?] : [Variables];

/** Sends a mutation and returns its outcome, for `match`. */
export type Execute = <Result extends Outcome, Variables>(
  operation: Operation<Result, Variables>,
  ...variables: VariablesOf<Variables>
) => Promise<Result>;

/**
 * Returns a function that sends a mutation and returns its outcome, for `match`. If the server requires a
 * recent authentication first, the step-up dialog opens, and the mutation is sent again afterwards. What other
 * components show is then requested again.
 *
 * The promise fails with FaultError or UnreachableError. `Form` shows a message for both.
 */
export function useAct(): Execute {
  const { session, queries } = useLatchkey();
  const prove = useProve();
  return useCallback<Execute>(
    async (operation, ...variables) => {
      // Repeats if one proof leads to the next, such as a password to a mailed code.
      for (;;) {
        const outcome = await session.execute(operation, ...variables);
        if (!wantsProof(outcome) || !(await prove(outcome.methods))) {
          queries.noteOutcome(outcome);
          return outcome;
        }
      }
    },
    [session, queries, prove],
  );
}

type ProofWanted = Outcome & { readonly methods: readonly ReauthenticationMethod[] };

function wantsProof(outcome: Outcome): outcome is ProofWanted {
  return outcome.__typename === 'StepUpRequiredError' && 'methods' in outcome;
}
