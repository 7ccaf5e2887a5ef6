import { createSession, createTransport, send } from '@latchkey/client';
import { login, viewer } from '@latchkey/client/operations';
import { createAuthHandler, readSession } from '@latchkey/client/server';

/** The /graphql of a server, and of one with REFRESH_COOKIE; written into the bundle. */
declare const ENDPOINT: string;
declare const COOKIE_ENDPOINT: string;

/** What a step of the library's journey left behind. */
export type Step = {
  readonly result: unknown;
  readonly status: string;
  readonly accessToken: string | null;
  readonly refreshToken: string | null;
};

/** The person that a page of the frontend was rendered for. */
export type Rendered = { readonly email: string | null };

/** What the last start left behind: a session that has ended. */
const LEFT = {
  userId: 'u',
  sessionId: 's',
  accessToken: 'a',
  refreshToken: 'r',
  dueAt: 0,
  expiresAt: 0,
};
const items = new Map([['latchkey', JSON.stringify(LEFT)]]);
/**
 * Made with the module, as programs with an account of their own do. Its refresh is due at once, and
 * outside of a request Workers refuse timers; afterwards every step is a request of its own.
 */
const session = createSession({
  endpoint: ENDPOINT,
  storage: {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
  },
});
const handle = createAuthHandler({ endpoint: COOKIE_ENDPOINT });
const transport = createTransport({ endpoint: COOKIE_ENDPOINT });

const STEPS: Readonly<Record<string, (input: unknown) => Promise<unknown>>> = {
  'sign-in': async (input) => {
    const outcome = await session.execute(login, { input: input as Account });
    if (outcome.__typename === 'SignedIn') session.signIn(outcome);
    return outcome.__typename;
  },
  refresh: () => session.refresh(),
  who: async () => (await session.execute(viewer))?.user.email ?? null,
  'sign-out': () => session.signOut(),
};

type Account = { readonly email: string; readonly password: string };

async function take(name: string, request: Request): Promise<Response> {
  const step = STEPS[name];
  if (!step) return new Response(null, { status: 404 });
  const result = await step(await request.json());
  const { refreshToken = null } = JSON.parse(items.get('latchkey') ?? '{}');
  const { status } = session.state();
  return Response.json({
    result,
    status,
    accessToken: session.peek(),
    refreshToken,
  } satisfies Step);
}

async function render(request: Request): Promise<Response> {
  const { accessToken, setCookie } = await readSession(request, { endpoint: COOKIE_ENDPOINT });
  const person = accessToken === null ? null : await send(transport, viewer, {}, accessToken);
  const page = Response.json({ email: person?.user.email ?? null } satisfies Rendered);
  for (const line of setCookie) page.headers.append('set-cookie', line);
  return page;
}

const worker = {
  fetch: async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url);
    if (pathname === '/api/auth') return await handle(request);
    if (pathname === '/page') return await render(request);
    return await take(pathname.slice(1), request);
  },
};

// biome-ignore lint/style/noDefaultExport: where Workers look for it
export default worker;
