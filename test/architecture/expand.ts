/**
 * What a migration marked `expand` may hold. A list of what is allowed, for the other list has no
 * end: servers of the version before write and read while it runs and after it, and no table with
 * people in it may be locked for longer than a catalog row takes to write (F-16).
 *
 * @returns the statements that are none of these
 */
export function contractions(statements: readonly string[]): readonly string[] {
  const created = new Set<string>();
  return statements.filter((statement) => {
    const text = normalize(statement);
    const made = /^create (?:table (?:if not exists )?|function )(\w+)/.exec(text)?.[1];
    if (made) created.add(made);
    if (isNewFunction(statement)) return false;
    // Several between two breakpoints: the first could hide the others.
    if (text.includes(';')) return true;
    const isTable = text.startsWith('create table ');
    const isEmpty = text === '' || text.startsWith('comment on ');
    return !(
      isEmpty ||
      (isTable && isHarmless(text)) ||
      isAboutNew(text, created) ||
      addsColumns(text)
    );
  });
}

function normalize(statement: string): string {
  return statement
    .replaceAll(/--[^\n]*/g, ' ')
    .replaceAll('"', '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/\bpublic\./gi, '')
    .trim()
    .replace(/;$/, '')
    .toLowerCase();
}

/** The version before calls no function that it does not know. The body is one text between two `$$`. */
function isNewFunction(statement: string): boolean {
  return /^create function \w+\([^)]*\) returns [^;$]*\$\$[^$]*\$\$$/.test(normalize(statement));
}

/** The version before uses nothing that this migration makes: the migration may alter, index and grant it. */
function isAboutNew(text: string, created: ReadonlySet<string>): boolean {
  const [, table = ''] =
    /^create (?:unique )?index (?:if not exists )?\w+ on (?:only )?(\w+)/.exec(text) ??
    /^grant execute on function (\w+)\([^)]*\) to \w+$/.exec(text) ??
    /^alter table (?:only )?(\w+)/.exec(text) ??
    [];
  return created.has(table) && isHarmless(text);
}

/** A new table may point to an old one, as long as that one's rows can still be deleted. */
function isHarmless(text: string): boolean {
  const pointers = text.match(/\breferences\b/g)?.length ?? 0;
  const yielding = text.match(/\bon delete (?:cascade|set null)\b/g)?.length ?? 0;
  return pointers === yielding;
}

/** New columns that the version before need not fill, and that are in no row yet. */
function addsColumns(text: string): boolean {
  const [, actions] = /^alter table (?:only )?\w+ (add column .*)$/.exec(text) ?? [];
  if (actions === undefined) return false;
  return actions.split(/, (?=(?:add|drop|alter|rename|set|validate)\b)/).every((action) => {
    if (!/^add column (?:if not exists )?\w+ /.test(action)) return false;
    // Checked against every row, under the lock; or written into every row.
    if (/\b(?:references|check|unique|primary key|generated|constraint)\b/.test(action))
      return false;
    const [, value] = /\bdefault (.+?)(?: not null)?$/.exec(action) ?? [];
    if (value === undefined) return !/\bnot null\b/.test(action);
    // A default that is computed anew for each row rewrites the table (PostgreSQL manual, ALTER TABLE).
    return /^(?:'[^']*'(?:::[\w [\]]+)?|-?\d+|true|false|null|now\(\))$/.test(value);
  });
}
