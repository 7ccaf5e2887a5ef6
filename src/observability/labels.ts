const METHODS = new Set(['GET', 'HEAD', 'POST', 'OPTIONS']);

/** A request's method as a label from a closed list, because a caller can make up any other (GQ-16). */
export function methodLabel(method: string): string {
  return METHODS.has(method) ? method : 'other';
}

const FIRST_WORD = /^\s*([a-z]+)/i;

const STATEMENTS = new Set(
  ['select', 'with', 'insert', 'update', 'delete'].concat('begin', 'commit', 'rollback'),
);

/** A statement's first word as a label from a closed list. */
export function statementLabel(text: string): string {
  const word = FIRST_WORD.exec(text)?.[1]?.toLowerCase() ?? '';
  return STATEMENTS.has(word) ? word : 'other';
}

const VERB = /^\s*([a-z]+)/i;
const TABLE = /\b(?:update|into|from|join)\s+"(\w+)"/i;

/**
 * A statement's name in a trace: its first word and its first table, such as `update sessions`. The
 * text is never exported: values are parameters, but a text is long and may quote some.
 */
export function statementName(text: string): string {
  const verb = VERB.exec(text)?.[1]?.toLowerCase() ?? 'statement';
  const table = TABLE.exec(text)?.[1];
  return table ? `${verb} ${table}` : verb;
}
