import postgres from 'postgres';
import { measure } from '../lib/worker.ts';

/**
 * Runs one statement of a hot operation through postgres.js, prepared, and nothing else.
 * `node bench/floors/statement.ts <viewer|refresh> <seconds> <at once>` with DATABASE_URL
 */

const [operation = 'viewer', seconds = '1', concurrency = '16'] = process.argv.slice(2);
const sql = postgres(process.env['DATABASE_URL'] ?? '', { max: 10 });
const rows = await sql`select id from sessions order by id limit 16`;
let turn = 0;
const next = () => rows[turn++ % rows.length]?.['id'];

const STATEMENTS: Readonly<Record<string, () => Promise<unknown>>> = {
  viewer: async () => sql`
    select s.*, u.* from sessions s join users u on u.id = s.user_id where s.id = ${next()}`,
  refresh: async () => sql`
    update sessions set last_used_at = now() where id = ${next()} returning *`,
};

const statement = STATEMENTS[operation];
if (!statement) throw new Error(`There is no operation ${operation}.`);
await measure(statement, { seconds: Number(seconds), concurrency: Number(concurrency) });
await sql.end();
