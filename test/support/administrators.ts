import { sql } from 'drizzle-orm';
import { storeToken } from '../../src/admin/tokens/create.ts';
import { transaction } from '../../src/db/transaction.ts';
import { after, DAY } from '../../src/kernel/duration.ts';
import type { AdminPermission } from '../../src/role/permissions.ts';
import { type Person, signUp } from './journeys.ts';
import { latchkey } from './latchkey.ts';
import { queryDatabase } from './query-database.ts';
import type { TestServer } from './server.ts';

/** Makes a person an administrator, as an operator does. */
export async function grant(server: TestServer, { email }: Person): Promise<void> {
  const { code } = await latchkey(`admins grant ${email}`, { config: server.app.deps.config });
  if (code !== 0) throw new Error('admins grant failed');
}

/**
 * Lets a session look as if it had proven a second factor at this time. How one is proven is the subject of other
 * tests.
 */
export async function proveSecondFactor(
  server: TestServer,
  { sessionId }: Pick<Person, 'sessionId'>,
  at: Date | null = server.app.deps.clock.now(),
): Promise<void> {
  const proven = at?.toISOString() ?? null;
  await queryDatabase(
    server.app.deps.db,
    sql`update sessions set second_factor_at = ${proven}::timestamptz where id = ${sessionId}`,
  );
}

/** An administrator whose session has just proven a second factor. */
export async function signUpAdministrator(server: TestServer): Promise<Person> {
  const person = await signUp(server);
  await grant(server, person);
  await proveSecondFactor(server, person);
  return person;
}

/** A person with a role of these permissions, whose session has just proven a second factor. */
export async function signUpWithPermissions(
  server: TestServer,
  role: string,
  permissions: readonly AdminPermission[],
): Promise<Person> {
  const person = await signUp(server);
  await giveRole(server, person, role, permissions);
  await proveSecondFactor(server, person);
  return person;
}

/** Gives a person a role of these permissions, past every check. */
export async function giveRole(
  server: TestServer,
  { userId }: Pick<Person, 'userId'>,
  role: string,
  permissions: readonly AdminPermission[] = [],
): Promise<void> {
  const { db } = server.app.deps;
  await queryDatabase(
    db,
    sql`insert into roles (name, admin_permissions, created_at, updated_at)
      values (${role}, ${`{${permissions.join(',')}}`}::text[], now(), now()) on conflict do nothing`,
  );
  await queryDatabase(
    db,
    sql`insert into user_roles (user_id, role, granted_at, user_created_at) select id, ${role}, now(), created_at from users where id = ${userId}::uuid`,
  );
}

/** An admin token with these permissions. */
export async function adminToken(
  server: TestServer,
  permissions: readonly AdminPermission[],
  { name = 'machine', lifetime = DAY }: { name?: string; lifetime?: number } = {},
): Promise<{ readonly id: string; readonly token: string }> {
  const { deps } = server.app;
  const act = { actor: { kind: 'operator', name: 'test' }, client: null } as const;
  const creator = { createdById: null, createdByName: 'test', createdByEmail: null };
  const expiresAt = after(deps.clock.now(), lifetime);
  const made = await transaction(deps.db, (tx) =>
    storeToken({ ...deps, act }, tx, { name, permissions, expiresAt }, creator),
  );
  return { id: made.adminToken.id, token: made.token };
}
