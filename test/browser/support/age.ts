import postgres from 'postgres';
import type { RealServer } from './real-server.ts';

/** Lets an hour pass since everybody last proved who they are. */
export async function makeProofsOld(server: RealServer): Promise<void> {
  const sql = postgres(server.database.url, { max: 1 });
  await sql`update sessions set authenticated_at = authenticated_at - interval '1 hour',
    second_factor_at = second_factor_at - interval '1 hour'`;
  await sql.end();
}
