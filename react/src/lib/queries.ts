import type { Operation } from '@latchkey/client';
import { authSettings, type Viewer, viewer } from '@latchkey/client/operations';

/** What is known of the answer to one query. A new object whenever something changes. */
export type Answer<Result> = {
  /** Undefined until the first answer. Kept while the query is sent again. */
  readonly data: Result | undefined;
  /** The failure of the latest request. */
  readonly error: unknown;
  readonly isFetching: boolean;
};

/** The answers of the queries of one person, shared by all components. */
export type Queries = {
  read<Result>(key: string): Answer<Result>;
  /** Listens to the answers of one query, and counts as its user until the returned function is called. */
  subscribe(key: string, listen: () => void): () => void;
  /**
   * Sends a query. A query that is under way is not sent twice.
   *
   * @param options.onlyIfUnknown does not send a query that was answered before
   */
  fetch<Result>(
    key: string,
    ask: () => Promise<Result>,
    options?: { readonly onlyIfUnknown?: boolean },
  ): void;
  /**
   * Takes over the person that a mutation returned, and sends the queries again that a page shows. Other answers
   * are dropped.
   */
  noteOutcome(outcome: { readonly __typename: string }): void;
  /** Sends every query again that a page shows. */
  revalidate(): void;
};

type Entry = {
  answer: Answer<unknown>;
  readonly listeners: Set<() => void>;
  ask: (() => Promise<unknown>) | null;
  /** True if something changed while the query was under way. */
  isOutdated: boolean;
};

const NOTHING: Answer<never> = { data: undefined, error: undefined, isFetching: false };

/** Identifies a query with its variables. */
export function keyOf(operation: Operation<unknown, never>, variables: unknown): string {
  return `${operation} ${JSON.stringify(variables ?? {})}`;
}

/** The key of the query for the signed-in person. */
const VIEWER_KEY: string = keyOf(viewer, {});

/** What the server offers does not depend on what people do. */
const CONSTANT_KEY = keyOf(authSettings, {});

/** Creates the shared answers of one person. Another person gets another one. */
export function createQueries(): Queries {
  const entries = new Map<string, Entry>();

  const entryOf = (key: string): Entry => {
    const known = entries.get(key);
    if (known) return known;
    const entry: Entry = { answer: NOTHING, listeners: new Set(), ask: null, isOutdated: false };
    entries.set(key, entry);
    return entry;
  };
  const set = (entry: Entry, change: Partial<Answer<unknown>>) => {
    entry.answer = { ...entry.answer, ...change };
    for (const listen of entry.listeners) listen();
  };
  const send = async (entry: Entry, ask: () => Promise<unknown>) => {
    entry.ask = ask;
    if (entry.answer.isFetching) return;
    set(entry, { isFetching: true });
    try {
      do {
        entry.isOutdated = false;
        const data = await entry.ask();
        set(entry, { data, error: undefined });
      } while (entry.isOutdated);
      set(entry, { isFetching: false });
    } catch (error) {
      set(entry, { error, isFetching: false });
    }
  };
  const revalidate = (except?: string) => {
    for (const [key, entry] of entries) {
      if (key === except || key === CONSTANT_KEY) continue;
      if (entry.answer.isFetching) entry.isOutdated = true;
      else if (entry.listeners.size === 0) entries.delete(key);
      else if (entry.ask) send(entry, entry.ask);
    }
  };

  return {
    read: <Result>(key: string) => (entries.get(key)?.answer ?? NOTHING) as Answer<Result>,
    subscribe: (key, listen) => {
      const entry = entryOf(key);
      entry.listeners.add(listen);
      return () => entry.listeners.delete(listen);
    },
    fetch: (key, ask, { onlyIfUnknown = false } = {}) => {
      const entry = entryOf(key);
      entry.ask = ask;
      if (!onlyIfUnknown || entry.answer.data === undefined) send(entry, ask);
    },
    noteOutcome: (outcome) => {
      if (outcome.__typename.endsWith('Error')) return;
      const given = 'viewer' in outcome ? (outcome.viewer as Viewer) : null;
      if (given) set(entryOf(VIEWER_KEY), { data: given, error: undefined });
      revalidate(given ? VIEWER_KEY : undefined);
    },
    revalidate: () => revalidate(),
  };
}
