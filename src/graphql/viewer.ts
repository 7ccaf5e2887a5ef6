import { NotAuthenticatedError } from '../kernel/errors.ts';
import type { Authentication, RequestContext } from './context.ts';

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
