import { sql } from 'drizzle-orm';
import { run } from '../../../src/db/executor.ts';
import { pipelineTransaction } from '../../../src/db/pipeline.ts';
import { after } from '../../../src/kernel/duration.ts';
import { newId } from '../../../src/kernel/id.ts';
import { sha256 } from '../../../src/kernel/secret.ts';
import { loginTag } from '../../../src/registration/login-tag.ts';
import { insertRegistration } from '../../../src/registration/store.ts';
import {
  mintAccountToken,
  newRegistrationToken,
  REGISTRATION_LIFETIME,
} from '../../../src/registration/token.ts';
import { findUserById } from '../../../src/user/store.ts';
import {
  askForReset,
  CONFIRM_EMAIL_CHANGE,
  mailTitled,
  REQUEST_EMAIL_CHANGE,
  RESEND,
  TITLES,
} from '../../journeys/account-care.ts';
import { requestSignIn } from '../../journeys/email-sign-in/acts.ts';
import { plantInvitation } from '../../journeys/invitation/acts.ts';
import { signUpAdministrator } from '../../support/administrators.ts';
import type { FakeClock } from '../../support/clock.ts';
import { askFor } from '../../support/impersonation.ts';
import { PASSWORD, REFRESH, REGISTER } from '../../support/journeys.ts';
import { begin, complete } from '../../support/oauth.ts';
import { mfaProof, reauthenticationProof } from '../../support/passkey-factor.ts';
import { authenticatorFor, enroll, signInProof, startEnrollment } from '../../support/passkeys.ts';
import type { ForgingProvider } from '../../support/provider.ts';
import { queryDatabase } from '../../support/query-database.ts';
import { callAs, codeMailedBy, enrollTotp, MFA, totpCode } from '../../support/second-factor.ts';
import type { Answer, TestServer } from '../../support/server.ts';

/** What every secret is presented in. The server is in cookie mode, which takes both forms. */
export type Stage = {
  readonly server: TestServer;
  readonly provider: ForgingProvider;
  readonly clock: FakeClock;
};

/** Headers a cookie counts with (HT-2). */
export const OWN_PAGE = {
  origin: 'https://app.example.com',
  'sec-fetch-site': 'same-site',
  'x-latchkey-csrf': '1',
} as const;

/** The secrets one person can hold, all of them alive at once. */
type Secrets = Awaited<ReturnType<typeof gather>>['secrets'];
export type Kind = keyof Secrets;

/** A person who holds one of each kind. */
export type Holder = Awaited<ReturnType<typeof gather>>;

let holders = 0;

/** Builds a person up to one of everything, through the API as a client would. */
export async function gather({ server, provider, clock }: Stage) {
  holders += 1;
  const [earlier, email, next] = ['earlier', 'now', 'next'].map(
    (when) => `${when}-${holders}@example.com`,
  ) as [string, string, string];
  await forgive(server);
  const registered = await server.graphql(REGISTER, {
    input: { email: earlier, password: PASSWORD },
  });
  const userId: string = registered.data.register.viewer.user.id;
  const first = registered.data.register.accessToken;
  // An address that was never proven is not notified of the change.
  await setVerified(server, userId, clock.now());
  const undoLink = await move(server, { token: first, from: earlier, to: email });
  const signedIn = { email, password: PASSWORD, accessToken: first, userId, refreshToken: '' };
  const person = { ...signedIn, sessionId: '' };
  const authenticator = authenticatorFor(server);
  await enroll(server, person, authenticator);
  const app = await enrollTotp(server, person);
  const { token: undoChangeLink } = await mailTitled(server, email, TITLES.factorAdded);
  clock.advance(30_000);
  const enableEmailCode = await codeMailedBy(server, email, () =>
    callAs(server, first, MFA.enableEmailMfa),
  );
  // Confirmed without its code, which has to stay live.
  await queryDatabase(
    server.app.deps.db,
    sql`insert into email_factors (user_id, confirmed_at) values (${userId}, ${clock.now().toISOString()})`,
  );
  await queryDatabase(
    server.app.deps.db,
    sql`insert into passkey_factors (user_id, confirmed_at) values (${userId}, ${clock.now().toISOString()})`,
  );
  const reauthenticationCode = await codeMailedBy(server, email, () =>
    callAs(server, first, MFA.sendReauthenticationCode),
  );
  const login = await server.graphql(MFA.challenge, { input: { email, password: PASSWORD } });
  const { challengeToken } = login.data.login;
  const mfaEmailCode = await codeMailedBy(server, email, () =>
    server.graphql(MFA.sendCode, { input: { challengeToken } }),
  );
  await callAs(server, first, REQUEST_EMAIL_CHANGE, { newEmail: next });
  const change = await mailTitled(server, next, TITLES.confirmChange);
  const stop = await mailTitled(server, email, TITLES.changeRequested);
  const reset = await askForReset(server, email);
  const signIn = await requestSignIn(server, email);
  // The address has changed since the session began: its device token is minted for this one anew.
  const refreshToken = cookieOf(registered, 'refresh');
  const renewed = await server.graphql(REFRESH, { input: { refreshToken } });
  await setVerified(server, userId, null);
  await callAs(server, first, RESEND, { email });
  const verify = await mailTitled(server, email, TITLES.verify);
  const { credentialVersion = 0 } = (await run(server.app.deps.db, findUserById(userId))) ?? {};
  const sub = `holder-${holders}`;
  provider.claims = { sub, email: `${sub}@provider.example`, email_verified: true };
  const idToken = await idTokenOf(server, provider);
  const returned = await comeBack(server, provider);
  const passkeySignIn = await signInProof(server, authenticator);
  const second = await mfaProof(server, challengeToken, authenticator);
  const again = await reauthenticationProof(server, first, authenticator);
  const enrollment = await startEnrollment(server, person);
  return {
    passkey: {
      assertion: passkeySignIn.assertion,
      second: second.assertion,
      again: again.assertion,
      attestation: authenticatorFor(server).create(enrollment.options),
    },
    email,
    next,
    userId,
    token: first,
    returned,
    secrets: {
      accessToken: renewed.data.refreshToken.accessToken as string,
      refreshToken: cookieOf(renewed, 'refresh'),
      deviceToken: cookieOf(renewed, 'device'),
      password: PASSWORD,
      challengeToken: challengeToken as string,
      mfaEmailCode,
      totpSecret: app.secret,
      totpCode: totpCode(app.secret, clock.now()),
      backupCode: app.backupCodes[0] ?? '',
      enableEmailCode,
      reauthenticationCode,
      verifyLink: verify.token,
      verifyCode: verify.code,
      registrationToken: await registration(server, email, clock.now()),
      accountToken: mintAccountToken(server.app.deps, { userId, credentialVersion }),
      resetLink: reset.token,
      resetCode: reset.code,
      resetToken: reset.resetToken,
      signInLink: signIn.token,
      signInCode: signIn.code,
      emailSignInToken: signIn.emailSignInToken,
      changeLink: change.token,
      changeCode: change.code,
      stopLink: stop.token,
      undoLink,
      undoChangeLink,
      flowToken: returned.flowToken,
      oauthState: returned.state,
      oauthCode: returned.code,
      passkeySignInToken: passkeySignIn.ceremonyToken,
      passkeyMfaToken: second.ceremonyToken,
      passkeyReauthenticationToken: again.ceremonyToken,
      passkeyEnrollmentToken: enrollment.ceremonyToken,
      idToken,
      handoverToken: await handover(server, userId),
      invitationLink: await plantInvitation(server, { email: `invited-${holders}@example.com` }),
    },
  };
}

/** The token with which an administrator may act as a person. */
async function handover(server: TestServer, userId: string): Promise<string> {
  return (await askFor(server, await signUpAdministrator(server), { userId })).handoverToken;
}

/** A registration of this address, as a server that verifies addresses first writes it. */
async function registration(server: TestServer, email: string, now: Date): Promise<string> {
  const { deps } = server.app;
  const token = newRegistrationToken(deps);
  const written = {
    ...{ id: newId(deps), email, name: null, passwordHash: null, tokenHash: sha256(token) },
    loginTag: loginTag(deps, { token, email, password: PASSWORD }),
    ...{ createdAt: now, renewedAt: now, endedAt: null },
    expiresAt: after(now, REGISTRATION_LIFETIME),
  };
  await pipelineTransaction(deps.db, insertRegistration(written, null));
  return token;
}

/**
 * Resets every limit. The subject of these tests is what a secret is for, and a consumer with too many
 * wrong attempts would refuse the right secret as well.
 */
export async function forgive(server: TestServer): Promise<void> {
  const { db } = server.app.deps;
  await queryDatabase(db, sql`delete from rate_limit_counters`);
  await queryDatabase(db, sql`delete from second_factor_failures`);
  await queryDatabase(db, sql`update mfa_challenges set attempts = 0`);
  await queryDatabase(db, sql`update one_time_tokens set failed_attempts = 0`);
}

async function setVerified(server: TestServer, userId: string, at: Date | null): Promise<void> {
  const moment = at?.toISOString() ?? null;
  await queryDatabase(
    server.app.deps.db,
    sql`update users set email_verified_at = ${moment} where id = ${userId}`,
  );
}

/** Moves the account to another address; the link with which the earlier one takes it back. */
async function move(
  server: TestServer,
  { token, from, to }: { readonly token: string; readonly from: string; readonly to: string },
): Promise<string> {
  await callAs(server, token, REQUEST_EMAIL_CHANGE, { newEmail: to });
  const { token: proof } = await mailTitled(server, to, TITLES.confirmChange);
  await callAs(server, token, CONFIRM_EMAIL_CHANGE, { proof: { token: proof } });
  return (await mailTitled(server, from, TITLES.changed)).token;
}

/** A round returned to the provider up to the browser's return. */
export async function comeBack(server: TestServer, provider: ForgingProvider) {
  const { flowToken, authorizationUrl } = await begin(server);
  const callbackUrl = await provider.visit(authorizationUrl);
  const { searchParams } = new URL(callbackUrl);
  const [state, code] = [searchParams.get('state') ?? '', searchParams.get('code') ?? ''];
  return { flowToken, callbackUrl, state, code };
}

/** What the provider signs in a round returned that succeeds. */
async function idTokenOf(server: TestServer, provider: ForgingProvider): Promise<string> {
  let seen = '';
  provider.replaceToken = (token) => {
    seen = token;
    return token;
  };
  const { flowToken, callbackUrl } = await comeBack(server, provider);
  const { __typename } = await complete(server, { flowToken, callbackUrl });
  provider.replaceToken = null;
  if (__typename !== 'SignedIn') throw new Error(__typename);
  return seen;
}

function cookieOf({ headers }: Answer, name: 'refresh' | 'device'): string {
  const lines = headers.getSetCookie().join('\n');
  return new RegExp(`__Host-latchkey_${name}=([\\w-]+)`).exec(lines)?.[1] ?? '';
}
