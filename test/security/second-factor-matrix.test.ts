import { sql } from 'drizzle-orm';
import { getNamedType, isInputObjectType, isUnionType } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PUBLIC_FIELDS } from '../../src/graphql-engine/schema.ts';
import { codeOf, completeSignIn, linkOf, requestSignIn } from '../journeys/email-sign-in/acts.ts';
import { accept as acceptInvitation, plantInvitation } from '../journeys/invitation/acts.ts';
import { proveSecondFactor, signUpAdministrator } from '../support/administrators.ts';
import { createFakeClock } from '../support/clock.ts';
import { askFor, completeHandover } from '../support/impersonation.ts';
import { PASSWORD, type Person, REFRESH, REGISTER, signIn, signUp } from '../support/journeys.ts';
import { roundTrip, startServerWith } from '../support/oauth.ts';
import { enrollAsFactor, mfaProof, PASSKEY_MFA, verifyPasskey } from '../support/passkey-factor.ts';
import { authenticatorFor, enroll, signInWithPasskey } from '../support/passkeys.ts';
import { type ForgingProvider, startForgingProvider } from '../support/provider.ts';
import { queryDatabase } from '../support/query-database.ts';
import { publicSchema } from '../support/schema.ts';
import {
  callAs,
  challengeOf,
  enrollEmail,
  enrollTotp,
  forgetFailures,
  MFA,
  mailCount,
  totpCode,
  verify,
} from '../support/second-factor.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

/**
 * MF-5: no way to sign in yields tokens without the second factor. Every mutation whose union contains
 * SignedIn has its row here; a new mutation without a row fails the first test.
 */

const FACTORS = ['PASSKEY', 'TOTP', 'EMAIL', 'BACKUP_CODE'] as const;
type Factor = (typeof FACTORS)[number];

/** A person with the factor enrolled, who can prove it for a challenge. */
type Guarded = Person & {
  /** The code that is valid for a challenge; empty for a passkey. */
  codeFor(challengeToken: string): Promise<string>;
  prove(challengeToken: string): Promise<{ __typename: string; accessToken: string }>;
};

/** The outcomes of a row: without the second factor, and then with it. */
type Cell = { readonly without: string; readonly with: string };

let server: TestServer;
let open: TestServer;
let provider: ForgingProvider;
const clock = createFakeClock();
const table = new Map<string, Record<string, string>>();

beforeAll(async () => {
  provider = await startForgingProvider(clock);
  const env = { EMAIL_SIGN_IN: 'existing', IMPERSONATION: 'true' };
  server = await startServerWith([provider.setting()], { clock, env });
  open = await startTestServer({ clock, env: { EMAIL_VERIFICATION: 'optional' } });
});
afterAll(async () => {
  const head = ['way in', ...FACTORS];
  const rows = [...table].map(([way, cells]) => [way, ...FACTORS.map((one) => cells[one] ?? '')]);
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => (row[column] ?? '').length)),
  );
  const line = (row: string[]) => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ');
  process.stdout.write(`\n${[head, ...rows].map(line).join('\n')}\n`);
  await server.close();
  await open.close();
  await provider.close();
});

/** A session by password, so that only the second factor is missing. */
async function guarded(on: TestServer, factor: Factor, person?: Person): Promise<Guarded> {
  const session = await signIn(on, person ?? (await signUp(on)));
  if (factor === 'PASSKEY') {
    const authenticator = authenticatorFor(on);
    await enrollAsFactor(on, session, authenticator);
    const prove = async (challengeToken: string) =>
      verifyPasskey(on, challengeToken, await mfaProof(on, challengeToken, authenticator));
    return { ...session, codeFor: async () => '', prove };
  }
  const withCode = (enrolled: Person, codeFor: Guarded['codeFor']): Guarded => ({
    ...enrolled,
    codeFor,
    prove: async (challengeToken) =>
      verify(on, challengeToken, factor, await codeFor(challengeToken)),
  });
  if (factor === 'EMAIL') {
    const enrolled = await enrollEmail(on, session);
    const codeFor = async (challengeToken: string) => {
      const count = (await mailCount(on, session.email)) + 1;
      await on.graphql(MFA.sendCode, { input: { challengeToken } });
      return (await on.mailTo(session.email, count)).code;
    };
    return withCode(enrolled, codeFor);
  }
  const enrolled = await enrollTotp(on, session);
  clock.advance(30_000);
  const codeFor = async () =>
    factor === 'TOTP'
      ? totpCode(enrolled.secret, clock.now())
      : (enrolled.backupCodes.at(-1) ?? '');
  return withCode(enrolled, codeFor);
}

/** Completes a challenge as its person would. */
const proven = async (person: Guarded, challengeToken: string) =>
  (await person.prove(challengeToken)).__typename;

const VERIFY = `mutation ($input: VerifyEmailInput!) { verifyEmail(input: $input) {
  __typename ... on SignedIn { accessToken } ... on MfaRequired { challengeToken methods } } }`;

/** The rows. Each tries to get tokens by its field alone, and then with the second factor. */
const WAYS: Readonly<Record<string, (factor: Factor) => Promise<Cell>>> = {
  login: async (factor) => {
    const person = await guarded(server, factor);
    const { challengeToken } = await challengeOf(server, person);
    const { email, password } = person;
    const { data } = await server.graphql(MFA.challenge, { input: { email, password } });
    const after = await proven(person, challengeToken);
    return { without: data.login.__typename, with: after };
  },

  register: async (factor) => {
    const outcomes: string[] = [];
    for (const on of [server, open]) {
      const wanted = { email: `again-${factor.toLowerCase()}@example.com`, password: PASSWORD };
      const input = { ...wanted };
      const person = on === server ? await signUp(on, wanted) : await registerAtOnce(wanted);
      await guarded(on, factor, person);
      const { data } = await on.graphql(REGISTER, { input });
      outcomes.push(data.register.__typename);
    }
    return { without: outcomes.join(' or '), with: '-' };
  },

  verifyEmail: async (factor) => {
    // An account whose address was never proven, with a factor: its proof, asked for by the person
    // of the account, is a first factor alone. Asked for by anybody else it ends the account of
    // whoever claimed the address (PR-8), factor and all.
    const wanted = { email: `mail-${factor.toLowerCase()}@example.com`, password: PASSWORD };
    const person = await guarded(open, factor, await registerAtOnce(wanted));
    await queryDatabase(
      open.app.deps.db,
      sql`update users set email_verified_at = null where id = ${person.userId}`,
    );
    const count = (await mailCount(open, wanted.email)) + 1;
    await open.graphql(
      'mutation ($input: ResendEmailVerificationInput!) { resendEmailVerification(input: $input) { __typename } }',
      { input: { email: wanted.email } },
      { token: person.accessToken },
    );
    const { code } = await open.mailTo(wanted.email, count);
    const proof = { code: { email: wanted.email, code } };
    const own = { token: person.accessToken };
    const { data } = await open.graphql(VERIFY, { input: { proof } }, own);
    const { __typename, challengeToken, methods } = data.verifyEmail;
    // EO-6: the mailbox was the first factor, so it cannot be the second.
    if (factor === 'EMAIL') {
      expect(methods).toEqual(['BACKUP_CODE']);
      const sent = await open.graphql(MFA.sendCode, { input: { challengeToken } });
      return { without: __typename, with: sent.data.sendMfaEmailCode.__typename };
    }
    return { without: __typename, with: await proven(person, challengeToken) };
  },

  completeEmailSignIn: async (factor) => {
    const person = await guarded(server, factor);
    const mail = await requestSignIn(server, person.email);
    const { __typename, challengeToken, methods } = await completeSignIn(server, codeOf(mail));
    const again = await completeSignIn(server, linkOf(await requestSignIn(server, person.email)));
    expect(again.__typename).toBe(__typename);
    // EL-4: the mailbox was the first factor, so it cannot be the second.
    expect(methods).not.toContain('EMAIL');
    if (factor === 'EMAIL') {
      const sent = await server.graphql(MFA.sendCode, { input: { challengeToken } });
      return { without: __typename, with: sent.data.sendMfaEmailCode.__typename };
    }
    return { without: __typename, with: await proven(person, challengeToken) };
  },

  acceptInvitation: async (factor) => {
    // An account that an administrator made, and whose owner has enrolled a factor before they chose a password.
    const person = await guarded(server, factor);
    await queryDatabase(
      server.app.deps.db,
      sql`update users set password_hash = null where id = ${person.userId}`,
    );
    const token = await plantInvitation(server, person);
    const { __typename, challengeToken, methods } = await acceptInvitation(server, token);
    // The owner of a passkey is in the account already.
    if (factor === 'PASSKEY') return { without: __typename, with: '-' };
    // EO-6: the mailbox was the first factor, so it cannot be the second.
    expect(methods).not.toContain('EMAIL');
    if (factor === 'EMAIL') {
      const sent = await server.graphql(MFA.sendCode, { input: { challengeToken } });
      return { without: __typename, with: sent.data.sendMfaEmailCode.__typename };
    }
    return { without: __typename, with: await proven(person, challengeToken) };
  },

  completeOAuth: async (factor) => {
    const person = await guarded(server, factor);
    const claims = { sub: `linked-${factor}`, email: person.email, email_verified: true };
    const notices = (await mailCount(server, person.email)) + 1;
    const linked = await roundTrip(server, provider, claims, person.accessToken);
    expect(linked.__typename).toBe('IdentityLinked');
    await server.mailTo(person.email, notices);
    const { __typename, challengeToken } = await roundTrip(server, provider, claims);
    return { without: __typename, with: await proven(person, challengeToken) };
  },

  completePasskeySignIn: async (factor) => {
    // PK-2c, PK-2d: without user verification a passkey is no way in; with it, it is both factors at once.
    const person = await guarded(server, factor);
    const authenticator = authenticatorFor(server);
    expect((await enroll(server, person, authenticator)).__typename).toBe('PasskeyAdded');
    const unverified = await signInWithPasskey(server, authenticator, { userVerified: false });
    const { __typename } = await signInWithPasskey(server, authenticator);
    return { without: unverified.__typename, with: __typename };
  },

  completeHandover: async (factor) => {
    // The administrator's own second factor, whichever the person has. None of the person's is asked for or proven:
    // the session is closed to everything that one opens (IM-2).
    const person = await guarded(server, factor);
    const administrator = await signUpAdministrator(server);
    const attempt = async (provenAt: Date | null) => {
      await proveSecondFactor(server, administrator);
      const { handoverToken } = await askFor(server, administrator, person);
      await proveSecondFactor(server, administrator, provenAt);
      return await completeHandover(server, handoverToken);
    };
    const never = await attempt(null);
    const old = await attempt(new Date(clock.now().getTime() - 11 * 60_000));
    const entered = await attempt(clock.now());
    const { accessToken } = entered;
    const shut = await callAs(server, accessToken, MFA.disableTotp);
    expect(shut.__typename).toBe('StepUpRequiredError');
    return { without: `${never.__typename} or ${old.__typename}`, with: entered.__typename };
  },

  refreshToken: async (factor) => {
    // A session from before the factor, and a challenge in a refresh token's place.
    const person = await signUp(server);
    const old = await signIn(server, person);
    const enrolled = await guarded(server, factor, person);
    const { challengeToken } = await challengeOf(server, enrolled);
    const outcomes: string[] = [];
    for (const refreshToken of [old.refreshToken, challengeToken]) {
      const { data } = await server.graphql(REFRESH, { input: { refreshToken } });
      outcomes.push(data.refreshToken.__typename);
    }
    return { without: [...new Set(outcomes)].join(' or '), with: '-' };
  },

  reauthenticate: async (factor) => {
    // The password renews a session that has proven its factor, but it proves no factor itself: sensitive
    // operations stay closed. A session from before the factor has ended.
    const person = await signUp(server);
    const old = await signIn(server, person);
    const enrolled = await guarded(server, factor, person);
    const input = { password: PASSWORD };
    const dead = await callAs(server, old.accessToken, MFA.reauthenticate, input);
    expect(dead.__typename).toBe('NotAuthenticatedError');
    const disable = {
      EMAIL: MFA.disableEmailMfa,
      PASSKEY: PASSKEY_MFA.disable,
      TOTP: MFA.disableTotp,
      BACKUP_CODE: MFA.disableTotp,
    }[factor];
    clock.advance(11 * 60_000);
    const { challengeToken } = await challengeOf(server, enrolled);
    const entered = (await enrolled.prove(challengeToken)).accessToken;
    clock.advance(11 * 60_000);
    const proven = await callAs(server, entered, MFA.reauthenticate, input);
    const shut = await callAs(server, proven.accessToken, disable);
    expect(shut.__typename).toBe('StepUpRequiredError');
    return { without: `${dead.__typename} / ${shut.__typename}`, with: proven.__typename };
  },

  verifyMfa: async (factor) => {
    const person = await guarded(server, factor);
    const { challengeToken } = await challengeOf(server, person);
    if (factor === 'PASSKEY') {
      // The proof with a passkey is no code.
      const refused = await verify(server, challengeToken, factor, '123456');
      return { without: refused.__typename, with: '-' };
    }
    const wrong =
      factor === 'BACKUP_CODE' ? '0000-0000-0000' : '00000000'.slice(factor === 'TOTP' ? 2 : 0);
    const { __typename } = await verify(server, challengeToken, factor, wrong);
    const other = await challengeOf(server, await guarded(server, 'TOTP'));
    const code = await person.codeFor(challengeToken);
    // Right code, somebody else's challenge.
    const crossed = await verify(server, other.challengeToken, factor, code);
    expect(crossed.__typename).toBe('InvalidCodeError');
    return {
      without: __typename,
      with: (await verify(server, challengeToken, factor, code)).__typename,
    };
  },

  verifyPasskeyMfa: async (factor) => {
    const person = await guarded(server, factor);
    if (factor !== 'PASSKEY') {
      // PK-5c: a passkey that is no second factor completes no challenge.
      const added = await enroll(server, person, authenticatorFor(server));
      expect(added.__typename).toBe('PasskeyAdded');
      const { challengeToken } = await challengeOf(server, person);
      const { data } = await server.graphql(PASSKEY_MFA.start, { input: { challengeToken } });
      return { without: data.startPasskeyMfa.__typename, with: '-' };
    }
    const { challengeToken } = await challengeOf(server, person);
    const thief = authenticatorFor(server);
    await enrollAsFactor(server, await signUp(server), thief);
    const [passkey] = thief.passkeys;
    const proof = await mfaProof(server, challengeToken, thief, { ...(passkey && { passkey }) });
    const { __typename } = await verifyPasskey(server, challengeToken, proof);
    return { without: __typename, with: await proven(person, challengeToken) };
  },
};

async function registerAtOnce(wanted: { email: string; password: string }): Promise<Person> {
  await open.graphql(REGISTER, { input: wanted });
  return await signIn(open, wanted);
}

/** Every mutation that can answer with SignedIn. */
function waysIn(): string[] {
  const fields = Object.values(publicSchema().getMutationType()?.getFields() ?? {});
  return fields
    .filter((field) => {
      const type = getNamedType(field.type);
      return isUnionType(type) && type.getTypes().some((member) => member.name === 'SignedIn');
    })
    .map((field) => field.name);
}

test('MF-6: no input field sets a value that only a proof may set', () => {
  const names = PUBLIC_FIELDS.flatMap((field) => {
    const [root, name = ''] = field.split('.');
    const schema = publicSchema();
    const type = root === 'Mutation' ? schema.getMutationType() : schema.getQueryType();
    const inputs = type?.getFields()[name]?.args.map((arg) => getNamedType(arg.type)) ?? [];
    return inputs.filter(isInputObjectType).flatMap((input) => Object.keys(input.getFields()));
  });
  expect(names).toContain('email');
  expect(
    names.filter((name) => /^(id|userId|role|roles|emailVerified|.*enabled)$/i.test(name)),
  ).toEqual([]);
});

describe('MF-5: every way to sign in, and the second factor', () => {
  test('every field that can answer SignedIn has its row', () => {
    expect(Object.keys(WAYS).toSorted()).toEqual(waysIn().toSorted());
  });

  test.each(Object.keys(WAYS).flatMap((way) => FACTORS.map((factor) => [way, factor] as const)))(
    '%s does not get past %s',
    async (way, factor) => {
      await Promise.all([forgetFailures(server), forgetFailures(open)]);
      const cell = await WAYS[way]?.(factor);
      if (!cell) throw new Error('No such row.');
      expect(cell.without.split(/ or | \/ /)).not.toContain('SignedIn');
      const cells = table.get(way) ?? {};
      table.set(way, { ...cells, [factor]: `${cell.without} → ${cell.with}` });
    },
  );
});
