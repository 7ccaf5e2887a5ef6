import type { FakeProviders, PresetName } from './fake-providers.ts';
import { begin, complete } from './oauth.ts';
import { type ServerOptions, startTestServer, type TestServer } from './server.ts';

/** A server that knows the fakes of these presets. */
export function startServerWithPresets(
  fakes: FakeProviders,
  names: readonly PresetName[],
  options: ServerOptions = {},
): Promise<TestServer> {
  const env = { ...options.env, OAUTH_PROVIDERS: JSON.stringify(fakes.settings(...names)) };
  return startTestServer({ ...options, env, providerFetch: fakes.fetch });
}

type Begun = { readonly flowToken: string; readonly callbackUrl: string };

/** Begins a flow, agrees at the provider, and comes back, also by way of a form that the provider posts. */
export async function comeBack(
  server: TestServer,
  fakes: FakeProviders,
  name: PresetName,
  token?: string,
): Promise<Begun> {
  const { flowToken, authorizationUrl } = await begin(server, { provider: name, token });
  const { url, form } = await fakes.all[name].visit(authorizationUrl);
  if (form === null) return { flowToken, callbackUrl: url };
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const request = { method: 'POST', headers, body: form.toString() };
  const answer = await server.request(new URL(url).pathname, { ...request, redirect: 'manual' });
  return { flowToken, callbackUrl: answer.headers.get('location') ?? '' };
}

/** The whole round trip. With a token it links. */
export async function arriveWith(
  server: TestServer,
  fakes: FakeProviders,
  name: PresetName,
  token?: string,
) {
  return await complete(server, await comeBack(server, fakes, name, token), token);
}
