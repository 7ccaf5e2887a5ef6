import { expect } from 'vitest';
import {
  parseRefreshToken,
  type RefreshToken,
  successorOf,
} from '../../src/session/refresh-token.ts';
import { testWithServer } from '../support/fixture.ts';
import { refresh, signUp } from '../support/journeys.ts';
import type { TestServer } from '../support/server.ts';
import { sessionRow } from './rows.ts';

const test = testWithServer();

/** A session that was refreshed this many times: all its tokens, and its row. */
async function refreshed(server: TestServer, times: number) {
  const person = await signUp(server);
  const tokens = [person.refreshToken];
  for (let n = 0; n < times; n += 1)
    tokens.push((await refresh(server, tokens[n] ?? '')).refreshToken);
  const row = await sessionRow(server, person.sessionId);
  if (!row) throw new Error('The session is gone.');
  return { person, tokens, row };
}

function parsed(server: TestServer, text: string | undefined): RefreshToken {
  const token = parseRefreshToken(server.app.deps.keyring, text ?? '');
  if (!token) throw new Error('This server did not issue the token.');
  return token;
}

test('RR-14: SECRET_KEYS and a spent token do not give the current one without the session’s bytes', async ({
  server,
}) => {
  const { tokens, row } = await refreshed(server, 1);
  const { keyring } = server.app.deps;
  const spent = parsed(server, tokens[0]);
  expect(row.refreshSalt).toHaveLength(16);
  const guesses = [Buffer.alloc(0), Buffer.alloc(16), spent.hash, spent.hash.subarray(0, 16)];
  for (const refreshSalt of guesses)
    expect(successorOf(keyring, { ...row, refreshSalt }, spent.hash).text).not.toBe(tokens[1]);
  // Together with the database they do: somebody with both can sign in as anybody.
  expect(successorOf(keyring, row, spent.hash).text).toBe(tokens[1]);
  const other = await refreshed(server, 0);
  expect(other.row.refreshSalt.equals(row.refreshSalt)).toBe(false);
});

test('RR-1, RR-14: the database stores neither a token nor its secret of 256 bits', async ({
  server,
}) => {
  const { tokens, row } = await refreshed(server, 2);
  const dump = JSON.stringify(row);
  for (const token of tokens) {
    expect(dump).not.toContain(token);
    const secret = Buffer.from(token.slice('lkr_'.length), 'base64url').subarray(16, 48);
    expect(secret).toHaveLength(32);
    const stored = [row.refreshHash, row.previousRefreshHash, row.refreshSalt];
    expect(stored.some((bytes) => bytes?.includes(secret))).toBe(false);
  }
});

test('RR-14: from a stored hash and the session’s bytes the server derives the tokens that it issued since', async ({
  server,
}) => {
  const { person, tokens, row } = await refreshed(server, 8);
  const { keyring } = server.app.deps;
  let { hash } = parsed(server, tokens[0]);
  for (const token of tokens.slice(1)) {
    const next = successorOf(keyring, { id: person.sessionId, refreshSalt: row.refreshSalt }, hash);
    expect(next.text).toBe(token);
    hash = next.hash;
  }
  expect(row.refreshHash.equals(hash)).toBe(true);
});

test('RR-5: a renewal’s successor is the token that a refresh in another tab would have got', async ({
  server,
}) => {
  const person = await signUp(server);
  const { data } = await server.graphql(
    `mutation ($input: ReauthenticateInput!) { reauthenticate(input: $input) {
      __typename ... on SignedIn { refreshToken } } }`,
    { input: { password: person.password } },
    { token: person.accessToken },
  );
  expect(data.reauthenticate.__typename).toBe('SignedIn');
  const other = await refresh(server, person.refreshToken);
  expect(other.refreshToken).toBe(data.reauthenticate.refreshToken);
});
