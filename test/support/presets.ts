import type { FakeProviders, PresetName } from './fake-providers.ts';
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
