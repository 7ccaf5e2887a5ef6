import { NotAuthenticatedError } from '../kernel/errors.ts';
import type { Authentication, RequestContext } from './context.ts';

/**
 * The signed-in person of a guarded field.
 *
 * @throws NotAuthenticatedError when there is none: a field that asks must be guarded, and one
 *   that is not fails closed
 */
export async function requireViewer(context: RequestContext): Promise<Authentication> {
  const viewer = await context.authentication();
  if (!viewer) throw new NotAuthenticatedError();
  return viewer;
}
