import { createContext, type ReactNode, use, useCallback, useState } from 'react';
import type { ReauthenticationMethod } from '../generated/graphql';
import { StepUpDialog } from './step-up-dialog.tsx';

type Prove = (methods: readonly ReauthenticationMethod[]) => Promise<boolean>;
type Asked = {
  readonly methods: readonly ReauthenticationMethod[];
  readonly settle: (proved: boolean) => void;
};

const ProveContext = createContext<Prove | null>(null);

/** Provides one reauthentication dialog for the whole app. */
export function StepUpProvider({ children }: { readonly children: ReactNode }) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const prove = useCallback<Prove>(
    (methods) => new Promise((settle) => setAsked({ methods, settle })),
    [],
  );
  const close = (proved: boolean) => {
    asked?.settle(proved);
    setAsked(null);
  };
  return (
    <ProveContext value={prove}>
      {children}
      {asked && <StepUpDialog methods={asked.methods} onClose={close} />}
    </ProveContext>
  );
}

/** Opens the dialog. Resolves to true if the person reauthenticated. */
export function useProve(): Prove {
  const prove = use(ProveContext);
  if (!prove) throw new Error('useProve needs a StepUpProvider around it.');
  return prove;
}
