import { randomBytes } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Configuration, Provider } from 'oidc-provider';
import { CLIENT_ID, CLIENT_SECRET } from './provider.ts';

/** A certified OpenID provider on loopback, with the login and consent pages it brings. */
export type HonestProvider = {
  readonly issuer: string;
  setting(): object;
  /** A person with a cookie-keeping browser signs in there and agrees; or gives up. */
  visit(authorizationUrl: string, login: string, agrees?: boolean): Promise<string>;
  close(): void;
};

/** Every login exists; its address is verified. */
export async function startHonestProvider(
  redirectUris: readonly string[],
  change: Configuration = {},
): Promise<HonestProvider> {
  let handle: RequestListener = () => undefined;
  const server = createServer((request, response) => handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    clients: [
      { client_id: CLIENT_ID, client_secret: CLIENT_SECRET, redirect_uris: [...redirectUris] },
    ],
    pkce: { required: () => true },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    ttl: { Interaction: 600, Session: 600, Grant: 600, AccessToken: 600, IdToken: 600 },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    findAccount: (_context, sub) => ({
      accountId: sub,
      claims: () => ({ sub, email: `${sub}@example.com`, email_verified: true, name: 'Ada' }),
    }),
    ...change,
  });
  handle = provider.callback();
  return {
    issuer,
    setting: () => ({
      id: 'honest',
      name: 'Honest',
      issuer,
      clientId: CLIENT_ID,
      clientSecret: CLIENT_SECRET,
    }),
    visit: (authorizationUrl, login, agrees = true) =>
      browse(issuer, authorizationUrl, login, agrees),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const MOST_STEPS = 12;

/** Follows redirects and submits the forms, until the browser would leave for our redirect URI. */
async function browse(issuer: string, start: string, login: string, agrees: boolean) {
  const cookies = new Map<string, string>();
  const go = async (url: string, form?: URLSearchParams) => {
    const answer = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form && { method: 'POST', body: form }),
    });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    return answer;
  };
  let url = start;
  let form: URLSearchParams | undefined;
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const answer = await go(url, form);
    form = undefined;
    const location = answer.headers.get('location');
    if (location !== null) {
      url = new URL(location, url).href;
      if (!url.startsWith(issuer)) return url;
      continue;
    }
    const page = await answer.text();
    const action = /<form[^>]*action="([^"]+)"/.exec(page)?.[1];
    if (!action) throw new Error(`The provider shows no form: ${answer.status}`);
    if (!agrees) {
      url = `${action}/abort`;
      continue;
    }
    const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1] ?? '';
    form = new URLSearchParams({ prompt, ...(prompt === 'login' && { login, password: 'any' }) });
    url = action;
  }
  throw new Error('The provider goes in circles.');
}
