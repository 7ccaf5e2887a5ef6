import { createHmac } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { documentOf } from './documents.ts';
import type { Person } from './journeys.ts';
import { queryDatabase } from './query-database.ts';
import type { TestServer } from './server.ts';
import { until } from './until.ts';

const STEP = 30_000;

/** The authenticator app in a person's other hand: RFC 6238 by hand, not by the server's library. */
export function totpCode(secret: string, at: Date): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at.getTime() / STEP)));
  const mac = createHmac('sha1', base32(secret)).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 15;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

function base32(text: string): Buffer {
  const bits = [...text]
    .map((char) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(char).toString(2).padStart(5, '0'))
    .join('');
  const bytes = bits.match(/.{8}/g) ?? [];
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2)));
}

/** The documents of two-step verification. */
export const MFA = {
  enableTotp: documentOf('enableTotp'),
  confirmTotp: documentOf('confirmTotp'),
  disableTotp: documentOf('disableTotp'),
  enableEmailMfa: documentOf('enableEmailMfa'),
  confirmEmailMfa: documentOf('confirmEmailMfa'),
  disableEmailMfa: documentOf('disableEmailMfa'),
  regenerate: documentOf('regenerateBackupCodes'),
  verify: documentOf('verifyMfa'),
  sendCode: documentOf('sendMfaEmailCode'),
  reauthenticate: documentOf('reauthenticate'),
  sendReauthenticationCode: documentOf('sendReauthenticationCode'),
  challenge: documentOf('login'),
  viewer: documentOf('viewer'),
} as const;

/** A person with an authenticator app. */
export type TotpPerson = Person & {
  readonly secret: string;
  readonly backupCodes: readonly string[];
};

/** Sets an authenticator app up with the code of now, which is used with it. */
export async function enrollTotp(server: TestServer, person: Person): Promise<TotpPerson> {
  const token = person.accessToken;
  const begun = (await server.graphql(MFA.enableTotp, undefined, { token })).data.enableTotp;
  const code = totpCode(begun.secret, server.app.deps.clock.now());
  const { data } = await server.graphql(MFA.confirmTotp, { input: { code } }, { token });
  if (data.confirmTotp.__typename !== 'MfaEnabled') throw new Error(data.confirmTotp.__typename);
  const { backupCodes } = data.confirmTotp;
  return { ...person, secret: begun.secret, backupCodes: backupCodes ?? [] };
}

/** Sets codes by mail up. */
export async function enrollEmail(
  server: TestServer,
  person: Person,
): Promise<Person & { readonly backupCodes: readonly string[] }> {
  const token = person.accessToken;
  const code = await codeMailedBy(server, person.email, () =>
    server.graphql(MFA.enableEmailMfa, undefined, { token }),
  );
  const { data } = await server.graphql(MFA.confirmEmailMfa, { input: { code } }, { token });
  if (data.confirmEmailMfa.__typename !== 'MfaEnabled') {
    throw new Error(data.confirmEmailMfa.__typename);
  }
  return { ...person, backupCodes: data.confirmEmailMfa.backupCodes ?? [] };
}

/**
 * The code that an act has mailed. It is known by what its mail is and not by its place: a notice
 * of a moment ago may arrive between.
 */
export async function codeMailedBy(
  server: TestServer,
  email: string,
  act: () => Promise<unknown>,
): Promise<string> {
  const codeMails = () =>
    server.mails.filter(({ to, subject }) => to === email && subject === 'Your code');
  const before = codeMails().length;
  await act();
  const { text } = await until(() => codeMails()[before]);
  return /\b\d{8}\b/.exec(text)?.[0] ?? '';
}

/** How many mails came to an address, once none is on its way any more. */
export async function mailCount(server: TestServer, email: string): Promise<number> {
  await until(async () => {
    const onTheirWay = await queryDatabase(
      server.app.deps.db,
      sql`select 1 from mail_outbox where sent_at is null and dead_at is null limit 1`,
    );
    return onTheirWay.length === 0;
  });
  return server.mails.filter((mail) => mail.to === email).length;
}

/** Signs in with the password, up to the challenge. */
export async function challengeOf(
  server: TestServer,
  { email, password }: { readonly email: string; readonly password: string },
): Promise<{ readonly challengeToken: string; readonly methods: readonly string[] }> {
  const { data } = await server.graphql(MFA.challenge, { input: { email, password } });
  if (data.login.__typename !== 'MfaRequired') throw new Error(data.login.__typename);
  return data.login;
}

export async function verify(
  server: TestServer,
  challengeToken: string,
  method: string,
  code: string,
) {
  const input = { challengeToken, method, code };
  return (await server.graphql(MFA.verify, { input })).data.verifyMfa;
}

/** The whole way in by password and authenticator app. */
export async function signInWithTotp(server: TestServer, person: TotpPerson) {
  const { challengeToken } = await challengeOf(server, person);
  const code = totpCode(person.secret, server.app.deps.clock.now());
  const signedIn = await verify(server, challengeToken, 'TOTP', code);
  if (signedIn.__typename !== 'SignedIn') throw new Error(signedIn.__typename);
  return signedIn;
}

/** Forgets every failure of the day, so that one account can serve many trials. */
export async function forgetFailures(server: TestServer): Promise<void> {
  await queryDatabase(server.app.deps.db, sql`delete from second_factor_failures`);
}

/** Six digits that are the code of no step around now. */
export function wrongCode(secret: string, at: Date): string {
  const right = [-1, 0, 1].map((steps) => totpCode(secret, new Date(at.getTime() + steps * STEP)));
  const wrong = ['000000', '111111', '222222', '333333'].find((code) => !right.includes(code));
  return wrong ?? '';
}

/** One call as a signed-in person, and what it came to. */
export async function callAs(
  server: TestServer,
  token: string,
  document: string,
  input?: object,
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into the answer as the client wrote it
): Promise<any> {
  const { data } = await server.graphql(document, input && { input }, { token });
  return Object.values(data)[0];
}
