import type { Session, SessionState } from '@latchkey/client';
import type { MailProofs } from '@latchkey/client/proofs';
import { createContext, type ReactNode, useContext, useSyncExternalStore } from 'react';
import type { Queries } from './lib/queries.ts';
import type { Messages } from './messages/messages.ts';
import type { Paths } from './paths.ts';

/** What belongs to the operator and not to the components. Colors, radius and font are CSS variables. */
export type Appearance = {
  /** The name of the site: in the title bar, and beside the logo's place if there is no logo. */
  readonly name?: string;
  /** Stands above the title of every card. */
  readonly logo?: ReactNode;
  /** Follows the device by default. */
  readonly colorScheme?: 'light' | 'dark';
};

/** What every component shares. */
export type Latchkey = {
  readonly session: Session;
  readonly queries: Queries;
  /** The secrets of this browser's registrations. With them, the password chosen here becomes the account's. */
  readonly registrations: MailProofs;
  /** The secrets of the password resets that this browser requested. The codes in the mails need them. */
  readonly resets: MailProofs;
  /** The secrets of the sign-ins by mail that this browser requested. The codes in the mails need them. */
  readonly emailSignIns: MailProofs;
  readonly messages: Messages;
  readonly appearance: Appearance;
  readonly paths: Paths;
  /** True while it is unknown whether somebody is signed in, because the server cannot be reached. */
  readonly isUnreached: boolean;
};

export const LatchkeyContext = createContext<Latchkey | null>(null);

/** What the provider holds: the session, the texts and the addresses of the pages. */
export function useLatchkey(): Latchkey {
  const latchkey = useContext(LatchkeyContext);
  if (!latchkey) throw new Error('This component needs a LatchkeyProvider around it.');
  return latchkey;
}

/** The texts of the components. */
export function useMessages(): Messages {
  return useLatchkey().messages;
}

const STARTING: SessionState = { status: 'starting' };

/** A server renders the page that is shown until the browser has read its session. */
function stateOnServer(): SessionState {
  return STARTING;
}

/** Whether somebody is signed in. The component renders again when that changes. */
export function useSession(): SessionState {
  const { session } = useLatchkey();
  return useSyncExternalStore(session.subscribe, session.state, stateOnServer);
}
