import type { ReauthenticationMethod } from '@latchkey/client/operations';
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from 'react';

type Methods = readonly ReauthenticationMethod[];

/** A mutation that waits for the person to confirm who they are. */
export type StepUpRequest = {
  /** The methods that the server accepts from this person. */
  readonly methods: Methods;
  /** Ends the request. With true, the mutation is sent again; with false, it is refused. */
  readonly finish: (isProven: boolean) => void;
};

type StepUp = {
  readonly request: StepUpRequest | null;
  readonly prove: (methods: Methods) => Promise<boolean>;
};

const StepUpContext = createContext<StepUp | null>(null);

/** Keeps the one request for another proof of identity. */
export function StepUpProvider({ children }: { readonly children: ReactNode }) {
  const [request, setRequest] = useState<StepUpRequest | null>(null);
  const prove = useCallback(
    (methods: Methods) =>
      new Promise<boolean>((resolve) => {
        const finish = (isProven: boolean) => {
          setRequest(null);
          resolve(isProven);
        };
        setRequest({ methods, finish });
      }),
    [],
  );
  const stepUp = useMemo(() => ({ request, prove }), [request, prove]);
  return <StepUpContext.Provider value={stepUp}>{children}</StepUpContext.Provider>;
}

function useStepUpState(): StepUp {
  const stepUp = useContext(StepUpContext);
  if (!stepUp) throw new Error('This component needs a LatchkeyProvider around it.');
  return stepUp;
}

/** Requests a proof. Resolves to true if the person reauthenticated. */
export function useProve(): StepUp['prove'] {
  return useStepUpState().prove;
}

/** The request that a dialog has to answer; null if there is none. */
export function useStepUpRequest(): StepUpRequest | null {
  return useStepUpState().request;
}
