import { login, viewer } from '../../../client/src/generated/operations.ts';
import { createSession, match, type Session } from '../../../client/src/index.ts';

/** How a tab keeps its tokens. */
export type Keeping = 'memory' | 'cookie' | 'localStorage';

/** One tab's session with the real Web Locks and the real BroadcastChannel under it. */
export type Tab = {
  readonly session: Session;
  /** How often its person was told to sign in again. */
  signOuts: number;
  signIn(input: { readonly email: string; readonly password: string }): Promise<void>;
  /** Who the server says is signed in. */
  whoIsIt(): Promise<string | null>;
};

declare global {
  var openTab: (endpoint: string, keeping: Keeping) => void;
  var tab: Tab;
}

globalThis.openTab = (endpoint, keeping) => {
  const session = createSession({ endpoint, storage: keeping });
  const tab: Tab = {
    session,
    signOuts: 0,
    signIn: async (input) => {
      match(await session.execute(login, { input }), {
        SignedIn: (signedIn) => session.signIn(signedIn),
        EmailVerificationRequired: ({ __typename }) => raise(__typename),
        MfaRequired: ({ __typename }) => raise(__typename),
        Error: ({ message }) => raise(message),
      });
    },
    whoIsIt: async () => (await session.execute(viewer))?.user.email ?? null,
  };
  let before = session.state().status;
  session.subscribe(({ status }) => {
    if (before === 'signed-in' && status === 'signed-out') tab.signOuts += 1;
    before = status;
  });
  globalThis.tab = tab;
};

function raise(message: string): never {
  throw new Error(message);
}
