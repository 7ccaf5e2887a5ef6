import { run } from '../../db/executor.ts';
import type { Statement } from '../../db/statement.ts';
import type { AdminContext } from '../context.ts';

type Batch<Value> = {
  readonly ids: Set<string>;
  readonly loaded: Promise<ReadonlyMap<string, Value>>;
};

/**
 * Loads a field of many people with one statement. The resolvers of a page all run before the process turns to anything
 * else, so each adds its person to the batch, and then the batch is read. Nothing is kept: a field after a mutation reads
 * again.
 *
 * @param select reads the values of all these people
 */
export function batched<Value>(
  select: (ids: readonly string[]) => Statement<ReadonlyMap<string, Value>>,
): (context: AdminContext, id: string) => Promise<Value | undefined> {
  const open = new WeakMap<AdminContext, Batch<Value>>();
  return async (context, id) => {
    const batch = open.get(context) ?? start(context);
    batch.ids.add(id);
    return (await batch.loaded).get(id);
  };

  function start(context: AdminContext): Batch<Value> {
    const ids = new Set<string>();
    const loaded = afterResolvers().then(() => {
      open.delete(context);
      return run(context.deps.db, select([...ids]));
    });
    const batch = { ids, loaded };
    open.set(context, batch);
    return batch;
  }
}

/** The guards of fields are promises that are resolved already. Node runs `nextTick` after all of them. */
function afterResolvers(): Promise<void> {
  return new Promise((resolve) => queueMicrotask(() => process.nextTick(resolve)));
}

/** Groups rows by their person. */
export function byPerson<Row>(
  rows: readonly Row[],
  personOf: (row: Row) => string,
): ReadonlyMap<string, readonly Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(personOf(row));
    if (group) group.push(row);
    else groups.set(personOf(row), [row]);
  }
  return groups;
}
