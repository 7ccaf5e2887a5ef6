import { run } from '../../db/executor.ts';
import type { Deps } from '../../deps.ts';
import { nameRule } from '../../graphql/inputs.ts';
import { sha256 } from '../../kernel/secret.ts';
import { OAuthFailedError } from './errors.ts';
import { profileContextOf } from './flow.ts';
import { memberOf, parseAnswer } from './json.ts';
import { findLiveFlow, keepProfile } from './store.ts';

/** Apple's codes have some 60 characters, other codes up to 2,000. */
const CODE = /^[\x21-\x7e]{1,2048}$/;

/** RFC 6749 4.1.2.1 allows more characters, but no provider uses them. */
const ERROR = /^[a-z_]{1,64}$/;

/** The JSON of Apple's `user` has some 100 characters. */
const MAX_USER_LENGTH = 4_096;

/**
 * Takes the answer that a provider posted, and returns the URL that the browser continues to: the redirect URI of
 * the flow whose state the form contains, with the code or the error. The flow is not used up. Only the name that
 * the form may contain is kept, sealed, because the provider sends it once. Whoever knows the state could have
 * posted the form, so the first name stays, and nothing but a new account's name is made of it (AP-1, AP-4).
 *
 * @throws OAuthFailedError if the form belongs to no live flow of this provider, or is malformed
 */
export async function receiveFormPost(
  deps: Pick<Deps, 'db' | 'clock' | 'keyring' | 'config'>,
  providerId: string,
  form: URLSearchParams,
): Promise<string> {
  const answer = readAnswer(form);
  const now = deps.clock.now();
  const provider = deps.config.oauth.providers.find(({ id }) => id === providerId);
  const wanted = {
    stateHash: sha256(answer.state),
    provider: providerId,
    // A redirect URI that was removed from the settings gets nothing any more (OA-7).
    redirectUris: provider?.redirectUris ?? [],
    now,
  };
  const flow = await run(deps.db, findLiveFlow(wanted));
  if (!flow) throw new OAuthFailedError('unknown-flow');
  const name = readName(form.get('user'));
  if (name !== null && flow.sealedProfile === null) {
    const profile = Buffer.from(JSON.stringify({ name }));
    const sealedProfile = deps.keyring.seal(profile, profileContextOf(flow.id));
    await run(deps.db, keepProfile({ id: flow.id, sealedProfile }));
  }
  const { state, ...rest } = answer;
  return `${flow.redirectUri}?${new URLSearchParams({ ...rest, state })}`;
}

type Answer = { readonly state: string } & ({ readonly code: string } | { readonly error: string });

function readAnswer(form: URLSearchParams): Answer {
  const [state, ...states] = form.getAll('state');
  const [code, ...codes] = form.getAll('code');
  const [error, ...errors] = form.getAll('error');
  const isRepeated = states.length + codes.length + errors.length > 0;
  if (state !== undefined && !isRepeated) {
    if (code !== undefined && error === undefined && CODE.test(code)) return { code, state };
    if (error !== undefined && code === undefined && ERROR.test(error)) return { error, state };
  }
  throw new OAuthFailedError('malformed-callback');
}

/** The name in Apple's `user`. Its address is not signed, so it is not read. */
function readName(user: string | null): string | null {
  if (user === null || user.length > MAX_USER_LENGTH) return null;
  const name = memberOf(parseAnswer(user), 'name');
  const parts = [memberOf(name, 'firstName'), memberOf(name, 'lastName')];
  const text = parts.filter((part) => typeof part === 'string').join(' ');
  return nameRule.safeParse(text).data || null;
}
