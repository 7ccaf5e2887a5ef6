import { signIn, signUp } from '../../../support/journeys.ts';
import {
  challengeOf,
  enrollEmail,
  enrollTotp,
  MFA,
  mailCount,
  totpCode,
} from '../../../support/second-factor.ts';
import type { TestServer } from '../../../support/server.ts';
import type { Preparations } from '../stage.ts';

/** Longer than a code of an authenticator app is valid, so that the next one differs. */
const NEXT_CODE = 30_000;

const withApp = async (server: TestServer) => enrollTotp(server, await signUp(server));
const withMails = async (server: TestServer) => enrollEmail(server, await signUp(server));

/** A code by mail proves something in addition to a password, but not to the mail that signed the person in. */
async function withPasswordAndMails(server: TestServer) {
  const person = await signUp(server);
  return enrollEmail(server, await signIn(server, person));
}

/** Authenticator apps, codes by mail, backup codes. */
export const SECOND_FACTOR: Preparations = {
  enableTotp: async ({ server }) => {
    const { accessToken } = await signUp(server);
    return { token: accessToken, outcome: 'TotpEnrollment' };
  },
  confirmTotp: async ({ server, clock }) => {
    const { accessToken: token } = await signUp(server);
    const { data } = await server.graphql(MFA.enableTotp, undefined, { token });
    const code = totpCode(data.enableTotp.secret, clock.now());
    return { token, variables: { input: { code } }, outcome: 'MfaEnabled' };
  },
  disableTotp: async ({ server }) => {
    const { accessToken } = await withApp(server);
    return { token: accessToken, outcome: 'MfaDisabled' };
  },
  enableEmailMfa: async ({ server }) => {
    const { accessToken } = await signUp(server);
    return { token: accessToken, outcome: 'EmailSent' };
  },
  confirmEmailMfa: async ({ server }) => {
    const { accessToken: token, email } = await signUp(server);
    const count = (await mailCount(server, email)) + 1;
    await server.graphql(MFA.enableEmailMfa, undefined, { token });
    const { code } = await server.mailTo(email, count);
    return { token, variables: { input: { code } }, outcome: 'MfaEnabled' };
  },
  disableEmailMfa: async ({ server }) => {
    const { accessToken: token, email } = await withPasswordAndMails(server);
    const count = (await mailCount(server, email)) + 1;
    await server.graphql(MFA.sendReauthenticationCode, undefined, { token });
    const { code } = await server.mailTo(email, count);
    const input = { code: { method: 'EMAIL', code } };
    await server.graphql(MFA.reauthenticate, { input }, { token });
    return { token, outcome: 'MfaDisabled' };
  },
  regenerateBackupCodes: async ({ server }) => {
    const { accessToken } = await withApp(server);
    return { token: accessToken, outcome: 'BackupCodesGenerated' };
  },
  verifyMfa: async ({ server, clock }) => {
    const person = await withApp(server);
    const { challengeToken } = await challengeOf(server, person);
    clock.advance(NEXT_CODE);
    const code = totpCode(person.secret, clock.now());
    return {
      variables: { input: { challengeToken, method: 'TOTP', code } },
      outcome: 'SignedIn',
    };
  },
  sendMfaEmailCode: async ({ server }) => {
    const { challengeToken } = await challengeOf(server, await withMails(server));
    return { variables: { input: { challengeToken } }, outcome: 'EmailSent' };
  },
  sendReauthenticationCode: async ({ server }) => {
    const { accessToken } = await withPasswordAndMails(server);
    return { token: accessToken, outcome: 'EmailSent' };
  },
};
