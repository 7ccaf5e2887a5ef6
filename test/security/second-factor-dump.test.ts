import { randomBytes } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { expect } from 'vitest';
import type { Database } from '../../src/db/executor.ts';
import { createFakeClock } from '../support/clock.ts';
import { testWithServer } from '../support/fixture.ts';
import { signUp } from '../support/journeys.ts';
import { queryDatabase } from '../support/query-database.ts';
import {
  challengeOf,
  codeMailedBy,
  enrollEmail,
  enrollTotp,
  MFA,
  mailCount,
  signInWithTotp,
  totpCode,
  verify,
} from '../support/second-factor.ts';
import { startTestServer } from '../support/server.ts';

const clock = createFakeClock();
const keys = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')] as const;
const test = testWithServer({ clock, env: { SECRET_KEYS: keys[0] } });

/** Every row of every table as text: bytes as hex, which is what a dump shows. */
async function dump(db: Database): Promise<string> {
  const tables = await queryDatabase<{ name: string }>(
    db,
    sql`select quote_ident(table_name) as name from information_schema.tables where table_schema = 'public'`,
  );
  const rows: string[] = [];
  for (const { name } of tables) {
    const all = await queryDatabase<{ row: string }>(
      db,
      sql`select t::text as row from ${sql.raw(name)} as t`,
    );
    rows.push(...all.map(({ row }) => `${name} ${row}`));
  }
  return rows.join('\n').toLowerCase();
}

/** A secret in its own form, as hex bytes, and as a person may write it. */
function spellings(secret: string): string[] {
  const hex = Buffer.from(secret).toString('hex');
  const bare = secret.replaceAll('-', '');
  return [secret, bare, hex, Buffer.from(bare).toString('hex')].map((one) => one.toLowerCase());
}

test('DR-1, TO-5, EO-4: neither a dump nor the log contains a secret, code, backup code or challenge', async ({
  server,
}) => {
  const ada = await enrollTotp(server, await signUp(server));
  const both = await enrollEmail(server, ada);
  const { challengeToken } = await challengeOf(server, ada);
  const code = await codeMailedBy(server, ada.email, () =>
    server.graphql(MFA.sendCode, { input: { challengeToken } }),
  );
  expect(code).toMatch(/^\d{8}$/);
  await verify(server, challengeToken, 'BACKUP_CODE', ada.backupCodes[0] ?? '');
  const open = await challengeOf(server, ada);
  expect(both.backupCodes).toEqual([]);

  const text = await dump(server.app.deps.db);
  const log = JSON.stringify(server.logged).toLowerCase();
  expect(text).toContain(ada.userId);
  const secrets = [ada.secret, ...ada.backupCodes, code, challengeToken, open.challengeToken];
  const rawSecret = [...ada.secret].map((char) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(char).toString(2).padStart(5, '0'),
  );
  const bits = rawSecret.join('').match(/.{8}/g) ?? [];
  const bytes = Buffer.from(bits.map((byte) => Number.parseInt(byte, 2))).toString('hex');
  const hits = [...secrets.flatMap(spellings), bytes].filter(
    (one) => text.includes(one) || log.includes(one),
  );
  expect(hits).toEqual([]);
});

test('CF-4: after a rotation of the root secret, authenticator apps, challenges and mailed codes keep working', async ({
  server,
}) => {
  const ada = await enrollTotp(server, await signUp(server));
  clock.advance(30_000);
  const rotated = await startTestServer({
    clock,
    database: server.database,
    mails: server.mails,
    env: { SECRET_KEYS: `${keys[1]},${keys[0]}` },
  });
  const signedIn = await signInWithTotp(rotated, ada);
  expect(signedIn.viewer.session.methods).toContain('otp');
  clock.advance(30_000);
  const { challengeToken } = await challengeOf(rotated, ada);
  expect(totpCode(ada.secret, clock.now())).toMatch(/^\d{6}$/);
  // A challenge and its mailed code from before the rotation stay valid, too.
  const bob = await enrollEmail(server, await signUp(server));
  const begun = await challengeOf(server, bob);
  const count = (await mailCount(server, bob.email)) + 1;
  await server.graphql(MFA.sendCode, { input: { challengeToken: begun.challengeToken } });
  const { code } = await server.mailTo(bob.email, count);
  expect((await verify(rotated, begun.challengeToken, 'EMAIL', code)).__typename).toBe('SignedIn');
  expect(challengeToken).not.toBe(begun.challengeToken);
  await rotated.app.close();
});
