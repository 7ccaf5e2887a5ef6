import { afterAll, beforeAll, expect, test } from 'vitest';
import { listSigningKeys } from '../../src/access-token/list.ts';
import { listTokens } from '../../src/administrator/token-store.ts';
import { COMMANDS } from '../../src/cli.ts';
import { run } from '../../src/db/executor.ts';
import { answering } from '../support/answering.ts';
import { type Person, signUp } from '../support/journeys.ts';
import { latchkey, rowsOf } from '../support/latchkey.ts';
import { queryDatabase } from '../support/query-database.ts';
import { enrollTotp } from '../support/second-factor.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let person: Person;
let bystander: Person;
/** Says that it runs, as a server would. */
let running: { readonly port: number };
beforeAll(async () => {
  server = await startTestServer();
  running = await answering(200);
  person = await enrollTotp(server, await signUp(server));
  bystander = await signUp(server);
});
afterAll(() => server.close());

const OPERATOR = 'ada (on call)';

/** A line of every command that does something here, in an order in which each can. */
const SAMPLES: Readonly<Record<string, () => Promise<readonly string[]>>> = {
  version: async () => [],
  health: async () => [],
  'print-schema': async () => [],
  config: async () => [],
  doctor: async () => [],
  'migrate status': async () => [],
  'keys list': async () => [],
  'keys rotate': async () => [],
  'keys reseal': async () => [],
  'users find': async () => [person.email],
  'users show': async () => [person.userId],
  'users sessions': async () => [person.email],
  'users events': async () => [person.userId, '--limit', '5'],
  'users delete': async () => [bystander.userId, '--reason', 'ticket 7'],
  'factors remove': async () => [person.email],
  'accounts disable': async () => [person.email],
  'accounts enable': async () => [person.email],
  'admins grant': async () => [person.email],
  'admins revoke': async () => [person.email],
  'admin-tokens create': async () =>
    '--name ci --permission USERS_READ --permission EVENTS_READ --expires 90d'.split(' '),
  'admin-tokens list': async () => [],
  'admin-tokens revoke': async () => {
    const [token] = await run(server.app.deps.db, listTokens(server.app.deps.clock.now()));
    return [token?.id ?? ''];
  },
  'keys revoke': async () => {
    const keys = await listSigningKeys(server.app.deps);
    return [keys.find(({ state }) => state === 'signing')?.kid ?? ''];
  },
  'sessions end-all': async () => [],
  'limits show': async () => [person.email],
  // Its registration was mailed.
  'limits reset': async () => [person.email, '--reason', 'ticket 7'],
  purge: async () => [],
  'migrate up': async () => [],
  'migrate down': async () => ['1'],
};

/** The last one may take the audit log with it. */
const TAKES_THE_LOG = 'migrate down';

test('O-19: every command has a sample in this file', () => {
  const names = COMMANDS.map(({ name }) => name);
  expect(Object.keys(SAMPLES).toSorted()).toEqual(names.toSorted());
});

test.each(COMMANDS.map((command) => [command.name, command] as const))(
  'O-19: %s --help shows usage and exit codes without settings',
  async (name, { isDestructive, parameters }) => {
    const { code, out, err } = await latchkey(`${name} --help`, { env: { PORT: 'wrong' } });
    const text = out.join('\n');
    expect({ code, err }).toEqual({ code: 0, err: [] });
    expect(out[0]).toMatch(new RegExp(`^Usage: latchkey ${name}( .*)?\\[--json\\]$`));
    for (const option of ['--dry-run', '--yes']) expect(text.includes(option)).toBe(isDestructive);
    for (const { help } of Object.values(parameters)) expect(text).toContain(help);
    expect(text).toMatch(/Exit codes:\n +0 +\w.*\n +1 +\w/);
  },
);

test.each(Object.entries(SAMPLES))(
  'O-19: %s --json prints only rows, and its audit events name the operator',
  async (name, argumentsOf) => {
    const { config, db } = server.app.deps;
    const [last] = await queryDatabase<{ id: string }>(
      db,
      "select coalesce(max(id::text), '') as id from audit_events",
    );
    const guard = COMMANDS.find((one) => one.name === name)?.isDestructive ? ['--yes'] : [];
    const words = [...name.split(' '), ...(await argumentsOf()), ...guard, '--json'];
    const ended = await latchkey(words, {
      env: { NODE_ENV: 'test', DATABASE_URL: server.database.url, PORT: String(running.port) },
      config: { ...config, operator: OPERATOR },
    });
    expect(ended).toMatchObject({ code: 0 });
    for (const row of rowsOf(ended)) expect(row).toBeTypeOf('object');
    if (name === TAKES_THE_LOG) return;
    const events = await queryDatabase<{ type: string; detail: object }>(
      db,
      `select type, detail from audit_events where id::text > '${last?.id}'`,
    );
    const expected = { by: 'operator', operator: OPERATOR };
    for (const { type, detail } of events)
      expect({ type, detail }).toMatchObject({ detail: expected });
    expect(events.length > 0).toBe(ACTS.has(name));
  },
);

/** What leaves a row in the audit log. */
const ACTS = new Set([
  'keys rotate',
  'users delete',
  'factors remove',
  'accounts disable',
  'accounts enable',
  'admins grant',
  'admins revoke',
  'admin-tokens create',
  'admin-tokens revoke',
  'keys revoke',
  'sessions end-all',
  'limits reset',
]);
