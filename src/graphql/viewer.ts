import { NotAuthenticatedError } from '../kernel/errors.ts';
import type { Authentication, RequestContext } from './context.ts';

/**
 * The signed-in person, for a field that strangers may call as well. An administrator who acts as a person counts as a
 * stranger: nothing is kept, linked or proven for the person because of them (IM-2).
 */
export async function ownViewer(context: RequestContext): Promise<Authentication | null> {
  const viewer = await context.authentication();
  return viewer?.session.impersonatorId === null ? viewer : null;
}

/**
 * The signed-in person of a guarded field.
 *
 * @throws NotAuthenticatedError if nobody is signed in. A field that calls this function must be guarded; one
 *   that is not fails closed.
 */
export async function requireViewer(context: RequestContext): Promise<Authentication> {
  const viewer = await context.authentication();
  if (!viewer) throw new NotAuthenticatedError();
  return viewer;
}
