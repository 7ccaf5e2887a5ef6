import { useCallback } from 'react';
import { type AnyVariables, type TypedDocumentNode, useClient } from 'urql';
import type { ReauthenticationMethod } from '../generated/graphql';
import { useProve } from '../ui/step-up.tsx';
import { type Data, type Outcome, send } from './send.ts';

/**
 * Returns a function that sends a mutation and returns its outcome, for `match`. If the server requires a
 * recent authentication first, the step-up dialog opens, and the mutation is sent again afterwards.
 *
 * The promise fails with FaultError or UnreachableError. `Form` shows a message for both.
 */
export function useAct() {
  const client = useClient();
  const prove = useProve();
  return useCallback(
    async <D extends Data, V extends AnyVariables>(
      document: TypedDocumentNode<D, V>,
      variables: V,
    ): Promise<D[keyof D]> => {
      // Repeats if one proof leads to the next, such as a password to a mailed code.
      for (;;) {
        const outcome = await send(client, document, variables);
        if (!wantsProof(outcome) || !(await prove(outcome.proofs))) return outcome;
      }
    },
    [client, prove],
  );
}

type ProofWanted = Outcome & { readonly proofs: readonly ReauthenticationMethod[] };

function wantsProof(outcome: Outcome): outcome is ProofWanted {
  return outcome.__typename === 'StepUpRequiredError' && 'proofs' in outcome;
}
