import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { REFRESH, signUp } from '../support/journeys.ts';
import { answerOf, expectAlike, startTwins, type Twins } from './twins.ts';

/** Takes the place of the sessions' table: whoever reads it is told that the database ends. */
const FAULTY = (sqlState: string) => `
  create function fail() returns boolean language plpgsql as
    $$ begin raise exception 'canary-fault' using errcode = '${sqlState}'; end $$;
  alter table sessions rename to sessions_away;
  create view sessions as select * from sessions_away where fail();`;

const VIEWER = '{ viewer { user { id } session { id } } }';
const BODIES = [
  { query: VIEWER },
  { query: `query Named ${VIEWER}`, operationName: 'Named', variables: {} },
  { query: '{ a: viewer { user { id } } b: viewer { session { id } } }' },
  { query: '{ authSettings { passwordMinLength } viewer { user { id } } }' },
  { query: 'query ($deep: Boolean!) {\n\n  viewer @skip(if: $deep) { user { id } }\n}' },
  { query: REFRESH, variables: { input: { refreshToken: 'unknown' } } },
  { query: 'mutation { logout { __typename } }' },
  { query: 'mutation { a: logout { __typename } b: logout { __typename } }' },
].map((body) => JSON.stringify(body));
const ACCEPTS = ['*/*', 'application/json', 'application/graphql-response+json'];

describe.each([
  ['57P03', 503, 'SERVICE_UNAVAILABLE'],
  ['XX000', 500, 'INTERNAL_SERVER_ERROR'],
])(
  'GQ-1, GQ-10: a fault (%s) looks the same in the fast lane and through Yoga',
  (sqlState, status, code) => {
    let twins: Twins;
    let bearer: string;
    beforeAll(async () => {
      twins = await startTwins();
      const { accessToken } = await signUp(twins.fast, { email: 'fault@example.com' });
      bearer = `authorization: Bearer ${accessToken}`;
      const sql = postgres(twins.databaseUrl, { max: 1, onnotice: () => undefined });
      await sql.unsafe(FAULTY(sqlState));
      await sql.end();
    });
    afterAll(() => twins.close());

    test.each(BODIES)('%s', async (body) => {
      for (const accept of ACCEPTS) {
        await expectAlike({ body, headers: { accept }, lines: [bearer] }, twins);
      }
    });

    test('and it is a fault', async () => {
      const { status: line, body } = await answerOf(twins.fast, { lines: [bearer] });
      expect(line).toContain(` ${status} `);
      expect(body).toContain(`"code":"${code}"`);
      expect(body).not.toContain('canary-fault');
    });
  },
);
