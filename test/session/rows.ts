import { findSession } from '../../src/session/store.ts';
import type { TestServer } from '../support/server.ts';

/** A session's row. */
export function sessionRow(server: TestServer, id: string) {
  return findSession(server.app.deps.db, id);
}
