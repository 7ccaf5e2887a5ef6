import { type AuditEvent, recordAudit } from '../../audit/record.ts';
import { run } from '../../db/executor.ts';
import type { Deps } from '../../deps.ts';
import type { Authentication } from '../../graphql/context.ts';
import { NotAuthenticatedError } from '../../kernel/errors.ts';
import type { Client } from '../../kernel/ports.ts';
import { OAuthCancelledError, OAuthFailedError } from '../../proofs/oauth/errors.ts';
import { viewerTransaction } from '../../session/viewer-transaction.ts';

/**
 * Reports to the operator why a flow failed, and to the caller only that it failed. The log and the audit row
 * get a reason and a code from closed lists, never the provider's text (LO-1, LO-2). A session that ended in
 * the meantime writes nothing about its person any more (SE-9).
 */
export async function recordingFailure<T>(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'config' | 'log'>,
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
    const isKnown = error instanceof OAuthFailedError || error instanceof OAuthCancelledError;
    if (!isKnown) throw error;
    const { client, viewer } = about;
    const detail = {
      reason: error.reason,
      ...(error.code !== null && { code: error.code }),
      ...(about.provider && { provider: about.provider.id }),
    };
    deps.log.warn({ ...detail, requestId: client.requestId }, 'oauth failed');
    await record(deps, viewer, { type: 'OAUTH_FAILED', userId: error.userId, client, detail });
    throw error;
  }
}

async function record(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'config'>,
  viewer: Authentication | null,
  event: AuditEvent,
): Promise<void> {
  try {
    if (viewer) {
      return await viewerTransaction(deps, viewer, 'enroll', (tx, { user, session }) => {
        const by = { actorId: user.id, sessionId: session.id };
        return run(tx, recordAudit(deps, { ...event, userId: event.userId ?? user.id, ...by }));
      });
    }
  } catch (error) {
    if (!(error instanceof NotAuthenticatedError)) throw error;
  }
  await run(deps.db, recordAudit(deps, { ...event, actorId: null }));
}
