import { login, viewer } from '../../../client/src/generated/operations.ts';
import {
  createSession,
  createTransport,
  match,
  type Session,
  type Transport,
  type TransportAnswer,
} from '../../../client/src/index.ts';

/** How a tab keeps its tokens. */
export type Keeping = 'memory' | 'cookie' | 'localStorage';

/** One tab's session with the real Web Locks and the real BroadcastChannel under it. */
export type Tab = {
  readonly session: Session;
  /** How often the person was asked to sign in again. */
  signOuts: number;
  signIn(input: { readonly email: string; readonly password: string }): Promise<void>;
  /** The person who is signed in according to the server. */
  whoIsIt(): Promise<string | null>;
};

declare global {
  var openTab: (endpoint: string, keeping: Keeping) => void;
  /** The same in a frame that no server answers: the page around it asks. */
  var openFrame: (pageOrigin: string, keeping: Keeping) => void;
  /** Asks the server for the only frame of this page. */
  var askForFrame: (endpoint: string) => void;
  var tab: Tab;
}

globalThis.openTab = (endpoint, keeping) => keepTab(createSession({ endpoint, storage: keeping }));

globalThis.openFrame = (pageOrigin, keeping) => {
  const transport: Transport = ({ query, variables, accessToken }) =>
    new Promise((resolve, reject) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = ({ data }: { readonly data: TransportAnswer | null }) =>
        data ? resolve(data) : reject(new Error('The page got no answer.'));
      window.parent.postMessage({ query, variables, accessToken }, pageOrigin, [port2]);
    });
  keepTab(createSession({ transport, storage: keeping }));
};

globalThis.askForFrame = (endpoint) => {
  const transport = createTransport({ endpoint });
  window.addEventListener('message', async ({ source, data, ports: [port] }) => {
    if (source !== window.frames[0]) return;
    port?.postMessage(await transport(data).catch(() => null));
  });
};

function keepTab(session: Session): void {
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
}

function raise(message: string): never {
  throw new Error(message);
}
