import { useMemo } from 'react';
import { type StepUpRequest, useStepUpRequest } from '../ui/step-up.tsx';
import { type Execute, useAct } from './act.ts';

/** Mutations that need a recent authentication. */
export type StepUp = {
  /**
   * Sends a mutation. If the server requires a recent authentication first, the dialog opens, and the mutation is
   * sent again afterwards.
   *
   * @throws FaultError, UnreachableError
   */
  readonly execute: Execute;
  /** For a dialog of your own (`stepUpDialog` of the provider): what it has to ask for; null if nothing. */
  readonly request: StepUpRequest | null;
};

/** Sends mutations that may need a recent authentication. */
export function useStepUp(): StepUp {
  const execute = useAct();
  const request = useStepUpRequest();
  return useMemo(() => ({ execute, request }), [execute, request]);
}
