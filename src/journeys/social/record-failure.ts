import { recordAudit } from '../../audit/record.ts';
import type { Deps } from '../../deps.ts';
import type { Authentication } from '../../graphql/context.ts';
import type { Client } from '../../kernel/ports.ts';
import { OAuthFailedError } from '../../proofs/oauth/errors.ts';

/**
 * Tells the operator why a round trip failed, and the caller only that it did: a reason and a code
 * from closed lists go into the log and the audit row, never the provider's text (LO-1, LO-2).
 */
export async function recordingFailure<T>(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'log'>,
  about: {
    readonly provider: { readonly id: string } | null;
    readonly viewer: Authentication | null;
    readonly client: Client;
  },
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof OAuthFailedError)) throw error;
    const { client, viewer } = about;
    const detail = {
      reason: error.reason,
      ...(error.code !== null && { code: error.code }),
      ...(about.provider && { provider: about.provider.id }),
    };
    deps.log.warn({ ...detail, requestId: client.requestId }, 'oauth failed');
    await recordAudit(deps, deps.db, {
      type: 'OAUTH_FAILED',
      userId: error.userId ?? viewer?.user.id ?? null,
      actorId: viewer?.user.id ?? null,
      sessionId: viewer?.session.id ?? null,
      client,
      detail,
    });
    throw error;
  }
}
