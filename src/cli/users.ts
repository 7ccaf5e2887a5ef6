import { eraseAccount } from '../account/erase.ts';
import type { Executor } from '../db/executor.ts';
import { run } from '../db/executor.ts';
import type { User } from '../db/tables/user.ts';
import { transaction } from '../db/transaction.ts';
import { canonicalEmail } from '../kernel/email.ts';
import { InvalidInputError } from '../kernel/errors.ts';
import { isId } from '../kernel/id.ts';
import { NoSuchAccountError } from '../user/errors.ts';
import { findUserByEmail, findUserById, lockUserForUpdate } from '../user/store.ts';
import { type Administration, withAdministration } from './administration.ts';
import { amount, countSessionsOf } from './affected.ts';
import { command, UNKNOWN } from './command.ts';
import { argument, option, REASON } from './parameters.ts';
import { selectionOf } from './selection.ts';
import {
  describeEvents,
  describeSessions,
  describeUser,
  describeUsers,
  type ShownEvent,
  type ShownSession,
  type ShownUser,
} from './user-lines.ts';
import { type CommandDeps, withDatabase } from './with-database.ts';

/** How a command names a person, as `UserSelector` of the administrators' schema. */
type Selector = { readonly id: string } | { readonly email: string };

const PERSON = argument<Selector>({
  placeholder: 'id or email',
  help: 'id or address of the account',
  read(text) {
    if (isId(text)) return { id: text };
    const email = canonicalEmail(text);
    return email === null ? null : { email };
  },
  rule: 'must be the id or the address of one account',
});

/** How many people `users find` lists. */
const FOUND = 20;

export const usersFindCommand = command({
  name: 'users find',
  summary: 'find people by id, external id, address or the beginning of an address',
  details: `Whoever has exactly this id, external id or address is found alone. Otherwise the command lists up to ${FOUND} people whose address begins with the text, newest first.`,
  parameters: {
    of: argument({
      placeholder: 'email or id',
      help: 'an id, an external id, an address, or the beginning of an address',
      read: (text) => (text.trim() === '' || text.length > 254 ? null : text.trim()),
      rule: 'must be 1 to 254 characters',
    }),
  },
  exitCodes: { 5: 'nobody was found' },
  async run({ of }, terminal) {
    const { users, hasMore } = await withAdministration(terminal, (desk) => find(desk, of));
    if (users.length === 0) throw new NoSuchAccountError();
    return {
      rows: users,
      lines: describeUsers(users),
      notes: hasMore ? [`There are more than ${FOUND}. Give more of the address.`] : [],
    };
  },
});

export const usersShowCommand = command({
  name: 'users show',
  summary: 'show everything about a person that administrators may see',
  details:
    'With --json it is an AdminUser of schema.admin.graphql with every field, its lists with their first 20 items.',
  parameters: { of: PERSON },
  exitCodes: UNKNOWN,
  async run({ of }, terminal) {
    const user = await withAdministration(terminal, (desk) =>
      readUser<ShownUser>(desk, of, selectionOf(desk.schema, 'AdminUser')),
    );
    return { rows: [user], lines: describeUser(user) };
  },
});

export const usersSessionsCommand = command({
  name: 'users sessions',
  summary: "list a person's active sessions, newest first",
  parameters: { of: PERSON },
  exitCodes: UNKNOWN,
  async run({ of }, terminal) {
    const { rows } = await withAdministration(terminal, (desk) =>
      readList<ShownSession>(desk, of, { field: 'sessions', type: 'Session', most: Infinity }),
    );
    const lines = rows.length === 0 ? ['There are no active sessions.'] : describeSessions(rows);
    return { rows, lines };
  },
});

export const usersEventsCommand = command({
  name: 'users events',
  summary: 'list the events of the audit log about a person, newest first',
  parameters: {
    of: PERSON,
    limit: option({
      placeholder: 'n',
      help: 'how many events; 50 by default',
      read: (text) => (/^[1-9]\d{0,4}$/.test(text) ? Number(text) : null),
      rule: 'must be a number from 1 to 99999',
    }),
  },
  exitCodes: UNKNOWN,
  async run({ of, limit }, terminal) {
    const most = limit ?? 50;
    const { rows, hasMore } = await withAdministration(terminal, (desk) =>
      readList<ShownEvent>(desk, of, { field: 'events', type: 'AdminEvent', most }),
    );
    return {
      rows,
      lines: rows.length === 0 ? ['There are no events.'] : describeEvents(rows),
      notes: hasMore ? [`There are older events. Use --limit for more than ${most}.`] : [],
    };
  },
});

export const usersDeleteCommand = command({
  name: 'users delete',
  summary: 'delete an account and everything that is stored about the person',
  details:
    'Nothing brings it back. The audit log keeps the events under a random id, with the reason. The person is mailed.',
  parameters: { of: PERSON, reason: REASON },
  exitCodes: UNKNOWN,
  async loss({ of }, terminal) {
    return await withDatabase(terminal, async (deps) => {
      const { id, email } = await identify(deps.db, of);
      const sessions = await countSessionsOf(deps, email);
      const what = `delete the account ${email} (${id}) and end ${amount(sessions, 'session')}`;
      return { rows: sessions + 1, what };
    });
  },
  async run({ of, reason }, terminal) {
    const { id, email } = await withDatabase(terminal, (deps) => deleteUser(deps, of, reason));
    return {
      rows: [{ id, email, state: 'deleted', changed: true }],
      lines: [`${email} (${id}) is deleted. A running server sends the person a mail.`],
    };
  },
});

async function deleteUser(deps: CommandDeps, of: Selector, reason: string): Promise<User> {
  const { id } = await identify(deps.db, of);
  return await transaction(deps.db, async (tx) => {
    const person = await run(tx, lockUserForUpdate(id));
    if (!person) throw new NoSuchAccountError();
    await eraseAccount({ ...deps, act: { ...deps.act, reason } }, tx, person);
    return person;
  });
}

/** @throws NoSuchAccountError */
async function identify(executor: Executor, of: Selector): Promise<User> {
  const person = await run(executor, 'id' in of ? findUserById(of.id) : findUserByEmail(of.email));
  if (!person) throw new NoSuchAccountError();
  return person;
}

/** @throws NoSuchAccountError */
async function readUser<T>(desk: Administration, of: Selector, selection: string): Promise<T> {
  const data = await desk.ask<{ user: T | null }>(
    `query ($by: UserSelector!) { user(by: $by) ${selection} }`,
    { by: of },
  );
  if (data.user === null) throw new NoSuchAccountError();
  return data.user;
}

type Page<T> = {
  readonly edges: readonly { readonly node: T }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
};

/** The largest page of the schema. */
const PAGE = 100;

/** Reads a list of a person page by page. @throws NoSuchAccountError */
async function readList<T>(
  desk: Administration,
  of: Selector,
  list: { readonly field: 'sessions' | 'events'; readonly type: string; readonly most: number },
): Promise<{ readonly rows: readonly T[]; readonly hasMore: boolean }> {
  const { field, type, most } = list;
  const node = selectionOf(desk.schema, type);
  const rows: T[] = [];
  let after: string | null = null;
  for (;;) {
    const first = Math.min(PAGE, most - rows.length);
    const page: Page<T> = await readPage<T>(desk, of, { field, node, first, after });
    rows.push(...page.edges.map((edge) => edge.node));
    const { hasNextPage, endCursor } = page.pageInfo;
    if (!hasNextPage || rows.length >= most) return { rows, hasMore: hasNextPage };
    after = endCursor;
  }
}

async function readPage<T>(
  desk: Administration,
  by: Selector,
  page: {
    readonly field: string;
    readonly node: string;
    readonly first: number;
    readonly after: string | null;
  },
): Promise<Page<T>> {
  const { field, node, first, after } = page;
  const { user } = await desk.ask<{ user: { readonly list: Page<T> } | null }>(
    `query ($by: UserSelector!, $first: Int!, $after: String) {
      user(by: $by) {
        list: ${field}(first: $first, after: $after) {
          edges { node ${node} }
          pageInfo { hasNextPage endCursor }
        }
      }
    }`,
    { by, first, after },
  );
  if (user === null) throw new NoSuchAccountError();
  return user.list;
}

/** Whoever has exactly this id, external id or address; otherwise those whose address begins with the text. */
async function find(
  desk: Administration,
  text: string,
): Promise<{ readonly users: readonly ShownUser[]; readonly hasMore: boolean }> {
  const selection = selectionOf(desk.schema, 'AdminUser', { withLists: false });
  const email = canonicalEmail(text);
  const selectors = [
    ...(isId(text) ? [{ id: text }] : []),
    ...(email === null ? [] : [{ email }]),
    { externalId: text },
  ];
  for (const by of selectors) {
    const found = await orNothing(
      desk.ask<{ user: ShownUser | null }>(
        `query ($by: UserSelector!) { user(by: $by) ${selection} }`,
        { by },
      ),
    );
    if (found?.user) return { users: [found.user], hasMore: false };
  }
  const found = await orNothing(
    desk.ask<{ users: Page<ShownUser> }>(
      `query ($prefix: String!, $first: Int!) {
        users(filter: { emailPrefix: $prefix }, first: $first) {
          edges { node ${selection} }
          pageInfo { hasNextPage endCursor }
        }
      }`,
      { prefix: text, first: FOUND },
    ),
  );
  return {
    users: found?.users.edges.map(({ node }) => node) ?? [],
    hasMore: found?.users.pageInfo.hasNextPage ?? false,
  };
}

/** Nobody has an id or an address that breaks the rules of the schema. */
async function orNothing<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof InvalidInputError) return null;
    throw error;
  }
}
