import { useCallback } from 'react';
import { type AnyVariables, type TypedDocumentNode, useClient } from 'urql';
import type { ReauthenticationMethod } from '../generated/graphql';
import { useProve } from '../ui/step-up.tsx';
import { type Data, type Outcome, send } from './send.ts';

/**
 * Sends mutations and gives back their outcome, for `match`. Where the server wants a fresh proof
 * first, the step-up dialog opens, and then the mutation is sent again.
 *
 * The promise fails with FaultError or UnreachableError: `Form` puts both into words.
 */
export function useAct() {
  const client = useClient();
  const prove = useProve();
  return useCallback(
    async <D extends Data, V extends AnyVariables>(
      document: TypedDocumentNode<D, V>,
      variables: V,
    ): Promise<D[keyof D]> => {
      // More than once where one proof opens the way to the next, as a password to a mailed code.
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
