import { run } from '../../src/db/executor.ts';
import { findSession } from '../../src/session/store.ts';
import type { TestServer } from '../support/server.ts';

/** A session's row. */
export function sessionRow(server: TestServer, id: string) {
  return run(server.app.deps.db, findSession(id));
}
