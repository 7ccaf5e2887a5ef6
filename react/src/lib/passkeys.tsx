import { createPasskeys, type Passkeys } from '@latchkey/client/passkeys';
import { createContext, type ReactNode, useContext, useMemo } from 'react';
import { useLatchkey } from '../context.ts';
import { useAct } from './act.ts';

const PasskeysContext = createContext<Passkeys | null>(null);

/** Keeps the passkeys of the page, because a browser runs one ceremony at a time. */
export function PasskeysProvider({ children }: { readonly children: ReactNode }) {
  const { session } = useLatchkey();
  const act = useAct();
  const passkeys = useMemo(() => createPasskeys(session, { execute: act }), [session, act]);
  return <PasskeysContext.Provider value={passkeys}>{children}</PasskeysContext.Provider>;
}

/**
 * The ceremonies of passkeys, from the client package. Creating and removing one opens the step-up dialog if the server
 * requires a recent authentication.
 */
export function usePasskeys(): Passkeys {
  const passkeys = useContext(PasskeysContext);
  if (!passkeys) throw new Error('This component needs a LatchkeyProvider around it.');
  return passkeys;
}
