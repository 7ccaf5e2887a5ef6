import type { Tracer } from '../kernel/ports.ts';
import type { Connection } from './driver/connection.ts';
import type { Pool } from './driver/pool.ts';

/** A pool whose statements are timed, each by its name. */
export function tracedPool(pool: Pool, tracer: Tracer): Pool {
  const traced = (connection: Connection): Connection => ({
    ...connection,
    run: (statement) =>
      tracer.span(statementName(statement.text), ATTRIBUTES, () => connection.run(statement)),
  });
  return { ...pool, use: (work) => pool.use((connection) => work(traced(connection))) };
}

const ATTRIBUTES = { 'db.system.name': 'postgresql' };

const VERB = /^\s*([a-z]+)/i;
const TABLE = /\b(?:update|into|from|join)\s+"(\w+)"/i;

/**
 * The first word of a statement and the first table it speaks of: `update sessions`. Not its text:
 * values are parameters, but a text is long and nobody promises what it quotes.
 */
export function statementName(text: string): string {
  const verb = VERB.exec(text)?.[1]?.toLowerCase() ?? 'statement';
  const table = TABLE.exec(text)?.[1];
  return table ? `${verb} ${table}` : verb;
}
