import {
  createSession,
  createTransport,
  type Session,
  type SessionOptions,
  type SyncStorage,
  type Transport,
} from '../../client/src/index.ts';
import { LOGIN, type Person } from '../support/journeys.ts';
import type { TestServer } from '../support/server.ts';
import { createChannels, createDeviceClock, createLocks, createStorage } from './tabs.ts';

/** Features that a browser may lack or implement differently. */
export type Browser = {
  readonly storage?: 'memory' | 'cookie' | 'local';
  readonly locks?: boolean;
  readonly channel?: boolean;
  /** How far the device's clock is ahead of the server's. */
  readonly skew?: number;
};

/** One person's browser on a server: tabs, and a network that can fail. */
export function createBrowser(server: TestServer, options: Browser = {}) {
  const { storage = 'local', locks = true, channel = true, skew = 0 } = options;
  const shared: SyncStorage = createStorage();
  const lockManager = createLocks();
  const channels = createChannels();
  const clock = createDeviceClock(server.app.deps.clock.now().getTime() + skew);
  const network = { refreshes: 0, isDown: false, losesAnswers: 0 };
  const cookies = new Map<string, string>();
  const { publicUrl, corsOrigins } = server.app.deps.config;
  const origin = corsOrigins[0] ?? new URL(publicUrl).origin;

  const direct = createTransport({
    endpoint: `${publicUrl}/graphql`,
    cookie: storage === 'cookie',
    fetch: async (input, init) => {
      const request = new Request(input, init);
      request.headers.set('origin', origin);
      if (request.credentials === 'include') {
        request.headers.set('cookie', [...cookies].map((pair) => pair.join('=')).join('; '));
      }
      const response = await server.app.fetch(request, { remoteAddress: '127.0.0.1' });
      for (const line of response.headers.getSetCookie()) {
        const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=', 2);
        if (value) cookies.set(name, value);
        else cookies.delete(name);
      }
      return response;
    },
  });
  const transport: Transport = async (request) => {
    if (network.isDown) throw new TypeError('fetch failed');
    const isRefresh = request.query.includes('mutation Refresh(');
    if (isRefresh) network.refreshes += 1;
    const answer = await direct(request);
    if (isRefresh && network.losesAnswers > 0) {
      network.losesAnswers -= 1;
      throw new TypeError('fetch failed');
    }
    return answer;
  };

  const open = (more: Partial<SessionOptions> = {}): Session =>
    createSession({
      storage: storage === 'local' ? shared : storage,
      locks: locks ? lockManager : null,
      channel: channel ? channels.open() : null,
      clock,
      transport,
      ...more,
    } as SessionOptions);

  return { open, clock, network, transport, shared, cookies, settle: channels.settle };
}

/** Signs a person in, in a tab. */
export async function signInWith(
  tab: Session,
  transport: Transport,
  person: Pick<Person, 'email' | 'password'>,
): Promise<void> {
  const { email, password } = person;
  const query = LOGIN.replace('accessToken', 'accessToken accessTokenExpiresAt');
  const { data } = await transport({ query, variables: { input: { email, password } } });
  const result = data?.['login'] as Parameters<Session['signIn']>[0];
  tab.signIn(result);
}
