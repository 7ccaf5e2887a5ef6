import { recordAudit } from '../audit/record.ts';
import type { Executor } from '../db/client.ts';
import type { User } from '../db/tables/user.ts';
import type { Deps } from '../deps.ts';
import type { Client } from '../kernel/ports.ts';
import type { SessionGrant } from './signed-in.ts';
import { startSession } from './start.ts';

/**
 * How a first factor was proven, as the `amr` value it leaves (RFC 8176 where it has one). `oauth`,
 * by a provider, is not registered there: what the provider itself asked for is not known here.
 */
export type FirstFactor = 'pwd' | 'email' | 'oauth';

/**
 * The one gate between a proven first factor and a session: every way in ends here, so that none
 * can skip what comes after the first factor (MF-5). Runs in the caller's transaction; sign the
 * tokens after the commit.
 *
 * @returns null when the account changed since the factor was proven
 */
export async function admit(
  deps: Pick<Deps, 'clock' | 'random' | 'keyring' | 'config'>,
  executor: Executor,
  input: { readonly user: User; readonly firstFactor: FirstFactor; readonly client: Client },
): Promise<SessionGrant | null> {
  const { user, client } = input;
  const grant = await startSession(deps, executor, {
    user,
    methods: [input.firstFactor],
    secondFactor: false,
    client,
  });
  if (!grant) return null;
  await recordAudit(deps, executor, {
    type: 'SIGNED_IN',
    userId: user.id,
    sessionId: grant.session.id,
    client,
    detail: { method: input.firstFactor },
  });
  return grant;
}
