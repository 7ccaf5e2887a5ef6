import { type Caller, personOf } from '../administrator/caller.ts';
import {
  findLiveToken,
  type ListedToken,
  permissionsInForce,
  recordTokenUse,
} from '../administrator/token-store.ts';
import { run } from '../db/executor.ts';
import type { Deps } from '../deps.ts';
import type { Authentication } from '../graphql/context.ts';
import type { Actor } from '../kernel/act.ts';
import { hashAdminToken, isAdminToken } from './tokens/token.ts';

const BEARER = /^Bearer +/i;

/**
 * Identifies the caller by the Authorization header.
 *
 * @param authentication reads the live session that the header's access token names
 * @returns null if the token is missing, unknown, expired or revoked, or its session has ended
 */
export async function identifyCaller(
  deps: Pick<Deps, 'db' | 'clock'>,
  authorization: string | null,
  authentication: () => Promise<Authentication | null>,
): Promise<Caller | null> {
  const presented = authorization?.replace(BEARER, '') ?? '';
  if (isAdminToken(presented)) return await identifyMachine(deps, presented);
  const viewer = await authentication();
  return viewer && (await personOf(deps, deps.db, viewer));
}

async function identifyMachine(
  { db, clock }: Pick<Deps, 'db' | 'clock'>,
  presented: string,
): Promise<Caller | null> {
  const now = clock.now();
  const token = await run(db, findLiveToken({ hash: hashAdminToken(presented), now }));
  if (!token) return null;
  await recordTokenUse(db, token, now);
  return machineOf(token);
}

/** A machine with the permissions of its token that are in force. */
export function machineOf(token: ListedToken): Caller {
  const { id, name, createdById: creatorId } = token;
  return { kind: 'TOKEN', id, name, creatorId, permissions: new Set(permissionsInForce(token)) };
}

/** The person whose roles decide what a caller may do: the caller, or the creator of the token; null for an operator's token. */
export function principalOf(caller: Caller): string | null {
  if (caller.kind === 'COMMAND_LINE') return null;
  return caller.kind === 'TOKEN' ? caller.creatorId : caller.id;
}

/** The caller in the words of the audit log. */
export function actorOf({ kind, id, name }: Caller): Actor {
  if (kind === 'COMMAND_LINE') return { kind: 'operator', name };
  return kind === 'TOKEN' ? { kind: 'token', id, name } : { kind: 'administrator', id };
}
