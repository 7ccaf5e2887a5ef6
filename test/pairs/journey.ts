import { expect } from 'vitest';
import {
  confirmTotp,
  enableTotp,
  login,
  type MfaRequired,
  register,
  requestPasswordReset,
  resetPassword,
  revokeOtherSessions,
  updateProfile,
  verifyEmail,
  verifyMfa,
  viewer,
} from '../../client/src/generated/operations.ts';
import type { Session, SignedInTokens } from '../../client/src/index.ts';
import { totpCode } from '../support/second-factor.ts';
import { until } from '../support/until.ts';

const STEP = 30_000;
const BREACHED = 'latchkey breached 7Q';
const PASSWORD = 'correct horse battery staple';
const NEXT_PASSWORD = 'another horse battery staple';

/** A browser of one person before one deployment. */
export type Client = {
  /** A page that has just been opened. */
  open(): Session;
  /** The code of the newest mail of this subject to an address. */
  code(email: string, subject: string): Promise<string>;
};

/** What of the deployment changes the journey. */
export type Wanted = {
  readonly mustVerify: boolean;
  readonly knowsBreaches: boolean;
  /** A session without a second factor may set one up, and nothing else (MF-7). */
  readonly mustEnroll: boolean;
};

/**
 * What every person does sooner or later: register, prove the address, sign out and in, refresh, set up
 * an authenticator app, sign in with it, forget the password, sign in with the new one, sign out.
 */
export async function mainJourney(client: Client, email: string, wanted: Wanted): Promise<void> {
  let page = client.open();
  if (wanted.knowsBreaches) {
    const refused = await page.execute(register, { input: { email, password: BREACHED } });
    expect(refused.__typename).toBe('WeakPasswordError');
  }
  const asked = await page.execute(register, { input: { email, password: PASSWORD } });
  const expected = wanted.mustVerify ? 'EmailVerificationRequired' : 'SignedIn';
  expect(asked.__typename).toBe(expected);
  if (asked.__typename === 'SignedIn') page.signIn(asked);
  const registrationToken =
    asked.__typename === 'EmailVerificationRequired' ? asked.registrationToken : null;
  const code = await client.code(email, 'Confirm your email address');
  const verified = await page.execute(verifyEmail, {
    input: { proof: { code: { email, code } }, registrationToken },
  });
  page.signIn(signedIn(verified));

  await leave(page);
  page = client.open();
  page.signIn(signedIn(await logIn(page, email, PASSWORD)));
  const before = await page.getAccessToken();
  const after = await page.refresh();
  expect(after).toEqual(expect.any(String));
  expect(after).not.toBe(before);

  expect(await page.execute(viewer)).toMatchObject({
    mfa: { enrollmentRequired: wanted.mustEnroll },
  });
  await mayChange(page, !wanted.mustEnroll);
  const enrollment = await page.execute(enableTotp);
  if (enrollment.__typename !== 'TotpEnrollment') expect.fail(enrollment.__typename);
  const current = totpCode(enrollment.secret, new Date());
  const enabled = await page.execute(confirmTotp, { input: { code: current } });
  if (enabled.__typename !== 'MfaEnabled') expect.fail(enabled.__typename);
  const [backupCode = ''] = enabled.backupCodes ?? [];
  // What MFA_REQUIRED held back is open from here on.
  expect(await page.execute(viewer)).toMatchObject({
    user: { email },
    mfa: { totp: true, enrollmentRequired: false },
  });
  await mayChange(page, true);

  await leave(page);
  page = client.open();
  const challenge = await logIn(page, email, PASSWORD);
  // Each step of the clock is good for one code, and a device's clock may be one step ahead.
  const next = totpCode(enrollment.secret, new Date(Date.now() + STEP));
  page.signIn(await secondStep(page, challenge, { method: 'TOTP', code: next }));
  expect(await page.execute(viewer)).toMatchObject({ user: { email } });

  const other = client.open();
  const sent = await other.execute(requestPasswordReset, { input: { email } });
  if (sent.__typename !== 'EmailSent') expect.fail(sent.__typename);
  const resetCode = await client.code(email, 'Reset your password');
  const reset = await other.execute(resetPassword, {
    input: {
      proof: { code: { email, code: resetCode } },
      newPassword: NEXT_PASSWORD,
      resetToken: sent.resetToken,
    },
  });
  expect(reset.__typename).toBe('PasswordChanged');
  // The reset has ended the session that was open, and the page learns of it.
  expect(await page.execute(viewer)).toBeNull();
  await until(() => page.state().status === 'signed-out');

  page = client.open();
  const last = await logIn(page, email, NEXT_PASSWORD);
  page.signIn(await secondStep(page, last, { method: 'BACKUP_CODE', code: backupCode }));
  expect(await page.execute(viewer)).toMatchObject({ user: { email } });
  await leave(page);
  expect(await client.open().getAccessToken()).toBeNull();
}

async function logIn(page: Session, email: string, password: string) {
  const deviceToken = page.deviceToken();
  return await page.execute(login, { input: { email, password, deviceToken } });
}

/** What is no part of setting up a second factor. */
async function mayChange(page: Session, isFree: boolean): Promise<void> {
  const renamed = await page.execute(updateProfile, { input: { name: 'Ada' } });
  expect(renamed.__typename).toBe(isFree ? 'ProfileUpdated' : 'MfaEnrollmentRequiredError');
  const revoked = await page.execute(revokeOtherSessions);
  expect(revoked.__typename).toBe(isFree ? 'SessionsRevoked' : 'MfaEnrollmentRequiredError');
}

async function leave(page: Session): Promise<void> {
  expect(await page.signOut()).toEqual({ revoked: true });
  expect(page.state().status).toBe('signed-out');
  page.close();
}

async function secondStep(
  page: Session,
  outcome: { readonly __typename: string },
  proof: { readonly method: 'TOTP' | 'BACKUP_CODE'; readonly code: string },
): Promise<SignedInTokens> {
  expect(outcome.__typename).toBe('MfaRequired');
  const { challengeToken } = outcome as MfaRequired & { readonly __typename: 'MfaRequired' };
  return signedIn(await page.execute(verifyMfa, { input: { challengeToken, ...proof } }));
}

function signedIn(outcome: { readonly __typename: string }): SignedInTokens {
  expect(outcome.__typename).toBe('SignedIn');
  return outcome as SignedInTokens & { readonly __typename: 'SignedIn' };
}
