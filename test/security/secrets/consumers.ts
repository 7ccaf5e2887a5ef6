import { sql } from 'drizzle-orm';
import { decodeJwt } from 'jose';
import {
  CHANGE_PASSWORD,
  CONFIRM_EMAIL_CHANGE,
  countMails,
  NEW_PASSWORD,
  REAUTHENTICATE,
  REQUEST_RESET,
  RESET,
  TITLES,
  typeOf,
  UNDO_EMAIL_CHANGE,
  UNDO_SECURITY_CHANGE,
} from '../../journeys/account-care.ts';
import {
  COMPLETE_SIGN_IN,
  REQUEST_SIGN_IN,
  SIGN_IN_TITLE,
} from '../../journeys/email-sign-in/acts.ts';
import { ACCEPT } from '../../journeys/invitation/acts.ts';
import { COMPLETE_HANDOVER } from '../../support/impersonation.ts';
import { LOGIN, PASSWORD, REFRESH } from '../../support/journeys.ts';
import { complete } from '../../support/oauth.ts';
import { PASSKEY_MFA, verifyPasskey } from '../../support/passkey-factor.ts';
import { PASSKEY, present } from '../../support/passkeys.ts';
import { queryDatabase } from '../../support/query-database.ts';
import { MFA, mailCount, verify } from '../../support/second-factor.ts';
import { comeBack, type Holder, type Kind, OWN_PAGE, type Stage } from './holder.ts';

/** A place that takes a secret: an input field, a header, a cookie. */
export type Consumer = {
  /** The fields of the API that this is, as `mutation.path.to.field`; none for headers and cookies. */
  readonly fields: readonly string[];
  readonly takes: readonly Kind[];
  /** What the answer is when the secret counted. */
  readonly opens: readonly string[];
  /** Brings the holder to where the secret is asked for. */
  readonly arrange?: (stage: Stage, holder: Holder) => Promise<void>;
  /** True if the exhausted limits are the purpose of the secret. */
  readonly keepsBudgets?: true;
  readonly present: (stage: Stage, holder: Holder, secret: string) => Promise<string>;
};

const SIGNED_IN = ['SignedIn', 'MfaRequired'] as const;
const MAILED_TOKEN = 'query ($token: String!) { mailedToken(token: $token) { __typename } }';
const VIEWER = '{ viewer { user { id } } }';

const ask = async ({ server }: Stage, document: string, input: object, token?: string) =>
  typeOf(await server.graphql(document, { input }, { token }));

const cookie = (name: 'refresh' | 'device', secret: string) => ({
  headers: { ...OWN_PAGE, cookie: `__Host-latchkey_${name}=${secret}` },
});

/** An address whose limit strangers have exhausted: only its own device gets a password verified (RL-3). */
async function useUpGuesses({ server }: Stage, { email }: Holder): Promise<void> {
  for (let n = 0; n < 10; n += 1) {
    await server.graphql(LOGIN, { input: { email, password: 'a wrong guess of a stranger' } });
  }
}

/** An address whose strangers have used up its mails. */
async function useUpResets({ server }: Stage, { email }: Holder): Promise<void> {
  for (let n = 0; n < 4; n += 1) await server.graphql(REQUEST_RESET, { input: { email } });
}

/** An address whose strangers have used up its sign-ins by mail. */
async function useUpSignIns({ server }: Stage, { email }: Holder): Promise<void> {
  for (let n = 0; n < 4; n += 1) await server.graphql(REQUEST_SIGN_IN, { input: { email } });
}

/** Whether a request mailed anything: the answer never says. */
async function mailedBy(
  { server }: Stage,
  { email }: Holder,
  title: string,
  act: () => Promise<unknown>,
) {
  await mailCount(server, email);
  const before = countMails(server, email, title);
  await act();
  await mailCount(server, email);
  return countMails(server, email, title) > before ? 'mailed' : 'silence';
}

const VERIFY = `mutation ($input: VerifyEmailInput!) { verifyEmail(input: $input) { __typename } }`;

const proofs = (
  field: string,
  document: string,
  about: {
    readonly link: Kind;
    readonly code: Kind;
    readonly opens: readonly string[];
    readonly address: (holder: Holder) => string;
    readonly input?: object | ((holder: Holder) => object);
    readonly signedIn?: true;
  },
): Readonly<Record<string, Consumer>> => {
  const present = (stage: Stage, holder: Holder, proof: object) =>
    ask(
      stage,
      document,
      { ...(typeof about.input === 'function' ? about.input(holder) : about.input), proof },
      about.signedIn && holder.token,
    );
  return {
    [`${field}: link`]: {
      fields: [`${field}.proof.token`],
      takes: [about.link],
      opens: about.opens,
      present: (stage, holder, token) => present(stage, holder, { token }),
    },
    [`${field}: code`]: {
      fields: [`${field}.proof.code.code`],
      takes: [about.code],
      opens: about.opens,
      present: (stage, holder, code) =>
        present(stage, holder, { code: { email: about.address(holder), code } }),
    },
  };
};

const factorCodes = (['TOTP', 'EMAIL', 'BACKUP_CODE'] as const).flatMap((method) => {
  const own: Kind = method === 'TOTP' ? 'totpCode' : 'backupCode';
  const signingIn: Consumer = {
    fields: ['verifyMfa.code'],
    takes: [method === 'EMAIL' ? 'mfaEmailCode' : own],
    opens: SIGNED_IN,
    present: async ({ server }, { secrets }, code) =>
      (await verify(server, secrets.challengeToken, method, code)).__typename,
  };
  const steppingUp: Consumer = {
    fields: ['reauthenticate.code.code'],
    takes: [method === 'EMAIL' ? 'reauthenticationCode' : own],
    opens: SIGNED_IN,
    present: (stage, { token }, code) =>
      ask(stage, REAUTHENTICATE, { code: { method, code } }, token),
  };
  return [
    [`verifyMfa: ${method}`, signingIn],
    [`reauthenticate: ${method}`, steppingUp],
  ] as const;
});

/** Every consumer there is. The test compares this with the schema. */
export const CONSUMERS: Readonly<Record<string, Consumer>> = {
  'Authorization header': {
    fields: [],
    takes: ['accessToken'],
    opens: ['viewer'],
    present: async ({ server }, _, token) => {
      const { data } = await server.graphql(VIEWER, undefined, { token });
      return data.viewer ? 'viewer' : 'nobody';
    },
  },
  'refresh cookie': {
    fields: [],
    takes: ['refreshToken'],
    opens: SIGNED_IN,
    present: async ({ server }, _, secret) =>
      typeOf(await server.graphql(REFRESH, undefined, cookie('refresh', secret))),
  },
  'device cookie of login': {
    fields: [],
    takes: ['deviceToken'],
    opens: SIGNED_IN,
    arrange: useUpGuesses,
    keepsBudgets: true,
    present: async ({ server }, { email }, secret) =>
      typeOf(
        await server.graphql(
          LOGIN,
          { input: { email, password: PASSWORD } },
          cookie('device', secret),
        ),
      ),
  },
  'device cookie of requestPasswordReset': {
    fields: [],
    takes: ['deviceToken'],
    opens: ['mailed'],
    arrange: useUpResets,
    keepsBudgets: true,
    present: (stage, holder, secret) =>
      mailedBy(stage, holder, TITLES.reset, () =>
        stage.server.graphql(
          REQUEST_RESET,
          { input: { email: holder.email } },
          cookie('device', secret),
        ),
      ),
  },
  'login: device': {
    fields: ['login.deviceToken'],
    takes: ['deviceToken'],
    opens: SIGNED_IN,
    arrange: useUpGuesses,
    keepsBudgets: true,
    present: (stage, { email }, deviceToken) =>
      ask(stage, LOGIN, { email, password: PASSWORD, deviceToken }),
  },
  'requestPasswordReset: device': {
    fields: ['requestPasswordReset.deviceToken'],
    takes: ['deviceToken'],
    opens: ['mailed'],
    arrange: useUpResets,
    keepsBudgets: true,
    present: (stage, holder, deviceToken) =>
      mailedBy(stage, holder, TITLES.reset, () =>
        ask(stage, REQUEST_RESET, { email: holder.email, deviceToken }),
      ),
  },
  'login: password': {
    fields: ['login.password'],
    takes: ['password'],
    opens: SIGNED_IN,
    present: (stage, { email }, password) => ask(stage, LOGIN, { email, password }),
  },
  'reauthenticate: password': {
    fields: ['reauthenticate.password'],
    takes: ['password'],
    opens: SIGNED_IN,
    present: (stage, { token }, password) => ask(stage, REAUTHENTICATE, { password }, token),
  },
  changePassword: {
    fields: ['changePassword.currentPassword'],
    takes: ['password'],
    opens: ['PasswordChanged'],
    present: (stage, { token }, currentPassword) =>
      ask(stage, CHANGE_PASSWORD, { currentPassword, newPassword: NEW_PASSWORD }, token),
  },
  refreshToken: {
    fields: ['refreshToken.refreshToken'],
    takes: ['refreshToken'],
    opens: SIGNED_IN,
    present: (stage, _, refreshToken) => ask(stage, REFRESH, { refreshToken }),
  },
  'verifyEmail: link': {
    fields: ['verifyEmail.proof.token'],
    takes: ['verifyLink'],
    opens: SIGNED_IN,
    present: (stage, { secrets }, token) =>
      ask(stage, VERIFY, { proof: { token }, registrationToken: secrets.accountToken }),
  },
  'verifyEmail: code': {
    fields: ['verifyEmail.proof.code.code'],
    takes: ['verifyCode'],
    opens: SIGNED_IN,
    present: (stage, { email, secrets }, code) => {
      const proof = { code: { email, code } };
      return ask(stage, VERIFY, { proof, registrationToken: secrets.accountToken });
    },
  },
  'verifyEmail: the browser’s token': {
    fields: ['verifyEmail.registrationToken'],
    takes: ['accountToken'],
    opens: SIGNED_IN,
    present: (stage, { email, secrets }, registrationToken) => {
      const proof = { code: { email, code: secrets.verifyCode } };
      return ask(stage, VERIFY, { proof, registrationToken });
    },
  },
  ...proofs('resetPassword', RESET, {
    link: 'resetLink',
    code: 'resetCode',
    opens: ['PasswordChanged'],
    address: ({ email }) => email,
    input: ({ secrets: { resetToken } }) => ({ newPassword: NEW_PASSWORD, resetToken }),
  }),
  'resetPassword: browser': {
    fields: ['resetPassword.resetToken'],
    takes: ['resetToken'],
    opens: ['PasswordChanged'],
    present: (stage, { email, secrets }, resetToken) =>
      ask(stage, RESET, {
        proof: { code: { email, code: secrets.resetCode } },
        newPassword: NEW_PASSWORD,
        resetToken,
      }),
  },
  acceptInvitation: {
    fields: ['acceptInvitation.token'],
    takes: ['invitationLink'],
    opens: SIGNED_IN,
    present: (stage, _, token) => ask(stage, ACCEPT, { token, password: NEW_PASSWORD }),
  },
  completeHandover: {
    fields: ['completeHandover.handoverToken'],
    takes: ['handoverToken'],
    opens: SIGNED_IN,
    present: (stage, _, handoverToken) => ask(stage, COMPLETE_HANDOVER, { handoverToken }),
  },
  'completeEmailSignIn: link': {
    fields: ['completeEmailSignIn.proof.token'],
    takes: ['signInLink'],
    opens: SIGNED_IN,
    present: (stage, _, token) => ask(stage, COMPLETE_SIGN_IN, { proof: { token } }),
  },
  'completeEmailSignIn: code': {
    fields: ['completeEmailSignIn.proof.code.code'],
    takes: ['signInCode'],
    opens: SIGNED_IN,
    present: (stage, { secrets: { emailSignInToken } }, code) =>
      ask(stage, COMPLETE_SIGN_IN, { proof: { code: { code, emailSignInToken } } }),
  },
  'completeEmailSignIn: browser': {
    fields: ['completeEmailSignIn.proof.code.emailSignInToken'],
    takes: ['emailSignInToken'],
    opens: SIGNED_IN,
    present: (stage, { secrets: { signInCode: code } }, emailSignInToken) =>
      ask(stage, COMPLETE_SIGN_IN, { proof: { code: { code, emailSignInToken } } }),
  },
  'requestEmailSignIn: device': {
    fields: ['requestEmailSignIn.deviceToken'],
    takes: ['deviceToken'],
    opens: ['mailed'],
    arrange: useUpSignIns,
    keepsBudgets: true,
    present: (stage, holder, deviceToken) =>
      mailedBy(stage, holder, SIGN_IN_TITLE, () =>
        ask(stage, REQUEST_SIGN_IN, { email: holder.email, deviceToken }),
      ),
  },
  'device cookie of requestEmailSignIn': {
    fields: [],
    takes: ['deviceToken'],
    opens: ['mailed'],
    arrange: useUpSignIns,
    keepsBudgets: true,
    present: (stage, holder, secret) =>
      mailedBy(stage, holder, SIGN_IN_TITLE, () =>
        stage.server.graphql(
          REQUEST_SIGN_IN,
          { input: { email: holder.email } },
          cookie('device', secret),
        ),
      ),
  },
  ...proofs('confirmEmailChange', CONFIRM_EMAIL_CHANGE, {
    link: 'changeLink',
    code: 'changeCode',
    opens: ['EmailChanged'],
    address: ({ next }) => next,
    signedIn: true,
  }),
  undoEmailChange: {
    fields: ['undoEmailChange.token'],
    takes: ['stopLink', 'undoLink'],
    opens: ['EmailChangeUndone'],
    present: (stage, _, token) => ask(stage, UNDO_EMAIL_CHANGE, { token }),
  },
  undoSecurityChange: {
    fields: ['undoSecurityChange.token'],
    takes: ['undoChangeLink'],
    opens: ['SecurityChangeUndone'],
    present: (stage, _, token) => ask(stage, UNDO_SECURITY_CHANGE, { token }),
  },
  mailedToken: {
    fields: ['mailedToken.token'],
    takes: [
      'verifyLink',
      'resetLink',
      'signInLink',
      'changeLink',
      'stopLink',
      'undoLink',
      'undoChangeLink',
      'invitationLink',
    ],
    opens: ['MailedToken'],
    present: async ({ server }, _, token) => typeOf(await server.graphql(MAILED_TOKEN, { token })),
  },
  confirmEmailMfa: {
    fields: ['confirmEmailMfa.code'],
    takes: ['enableEmailCode'],
    opens: ['MfaEnabled'],
    arrange: async ({ server }, { userId }) => {
      await queryDatabase(
        server.app.deps.db,
        sql`delete from email_factors where user_id = ${userId}`,
      );
    },
    present: (stage, { token }, code) => ask(stage, MFA.confirmEmailMfa, { code }, token),
  },
  confirmTotp: {
    fields: ['confirmTotp.code'],
    takes: ['totpCode'],
    opens: ['MfaEnabled'],
    arrange: async ({ server }, { userId, token }) => {
      await queryDatabase(
        server.app.deps.db,
        sql`update totp_factors set confirmed_at = null, pending_session_id = ${decodeJwt<{ sid: string }>(token).sid}
          where user_id = ${userId}`,
      );
    },
    present: (stage, { token }, code) => ask(stage, MFA.confirmTotp, { code }, token),
  },
  ...Object.fromEntries(factorCodes),
  'verifyMfa: challenge': {
    fields: ['verifyMfa.challengeToken'],
    takes: ['challengeToken'],
    opens: SIGNED_IN,
    present: async ({ server }, { secrets }, challengeToken) =>
      (await verify(server, challengeToken, 'TOTP', secrets.totpCode)).__typename,
  },
  sendMfaEmailCode: {
    fields: ['sendMfaEmailCode.challengeToken'],
    takes: ['challengeToken'],
    opens: ['EmailSent'],
    present: (stage, _, challengeToken) => ask(stage, MFA.sendCode, { challengeToken }),
  },
  'completePasskeySignIn: ceremony': {
    fields: [
      'completePasskeySignIn.proof.ceremonyToken',
      // What the authenticator signed: no secret that this server gave out.
      'completePasskeySignIn.proof.assertion.authenticatorData',
      'completePasskeySignIn.proof.assertion.clientDataJSON',
      'completePasskeySignIn.proof.assertion.id',
      'completePasskeySignIn.proof.assertion.signature',
      'completePasskeySignIn.proof.assertion.userHandle',
    ],
    takes: ['passkeySignInToken'],
    opens: SIGNED_IN,
    present: async ({ server }, { passkey: { assertion } }, ceremonyToken) =>
      (await present(server, { ceremonyToken, assertion })).__typename,
  },
  'verifyPasskeyMfa: ceremony': {
    fields: [
      'verifyPasskeyMfa.proof.ceremonyToken',
      'verifyPasskeyMfa.proof.assertion.authenticatorData',
      'verifyPasskeyMfa.proof.assertion.clientDataJSON',
      'verifyPasskeyMfa.proof.assertion.id',
      'verifyPasskeyMfa.proof.assertion.signature',
      'verifyPasskeyMfa.proof.assertion.userHandle',
    ],
    takes: ['passkeyMfaToken'],
    opens: SIGNED_IN,
    present: async ({ server }, { secrets, passkey: { second: assertion } }, ceremonyToken) =>
      (await verifyPasskey(server, secrets.challengeToken, { ceremonyToken, assertion }))
        .__typename,
  },
  'verifyPasskeyMfa: challenge': {
    fields: ['verifyPasskeyMfa.challengeToken'],
    takes: ['challengeToken'],
    opens: SIGNED_IN,
    present: async ({ server }, { secrets, passkey: { second: assertion } }, challengeToken) => {
      const ceremonyToken = secrets.passkeyMfaToken;
      return (await verifyPasskey(server, challengeToken, { ceremonyToken, assertion })).__typename;
    },
  },
  'startPasskeyMfa: challenge': {
    fields: ['startPasskeyMfa.challengeToken'],
    takes: ['challengeToken'],
    opens: ['PasskeyRequest'],
    present: (stage, _, challengeToken) => ask(stage, PASSKEY_MFA.start, { challengeToken }),
  },
  'reauthenticate: passkey': {
    fields: [
      'reauthenticate.passkey.ceremonyToken',
      'reauthenticate.passkey.assertion.authenticatorData',
      'reauthenticate.passkey.assertion.clientDataJSON',
      'reauthenticate.passkey.assertion.id',
      'reauthenticate.passkey.assertion.signature',
      'reauthenticate.passkey.assertion.userHandle',
    ],
    takes: ['passkeyReauthenticationToken'],
    opens: SIGNED_IN,
    present: (stage, { token, passkey: { again: assertion } }, ceremonyToken) =>
      ask(stage, PASSKEY_MFA.reauthenticate, { passkey: { ceremonyToken, assertion } }, token),
  },
  'completePasskeyEnrollment: ceremony': {
    fields: [
      'completePasskeyEnrollment.ceremonyToken',
      'completePasskeyEnrollment.attestation.attestationObject',
      'completePasskeyEnrollment.attestation.clientDataJSON',
      'completePasskeyEnrollment.attestation.id',
      'completePasskeyEnrollment.attestation.transports',
    ],
    takes: ['passkeyEnrollmentToken'],
    opens: ['PasskeyAdded'],
    present: async ({ server }, { token, passkey: { attestation } }, ceremonyToken) => {
      const input = { ceremonyToken, attestation };
      const { data } = await server.graphql(PASSKEY.completeEnrollment, { input }, { token });
      return data.completePasskeyEnrollment.__typename;
    },
  },
  'completeOAuth: flow': {
    fields: ['completeOAuth.flowToken'],
    takes: ['flowToken'],
    opens: SIGNED_IN,
    present: async ({ server }, { returned: { callbackUrl } }, flowToken) =>
      (await complete(server, { flowToken, callbackUrl })).__typename,
  },
  'completeOAuth: state': {
    fields: ['completeOAuth.callbackUrl'],
    takes: ['oauthState'],
    opens: SIGNED_IN,
    present: async ({ server }, { returned }, state) => {
      const { flowToken } = returned;
      const callbackUrl = withParameter(returned.callbackUrl, 'state', state);
      return (await complete(server, { flowToken, callbackUrl })).__typename;
    },
  },
  'completeOAuth: code': {
    fields: ['completeOAuth.callbackUrl'],
    takes: ['oauthCode'],
    opens: SIGNED_IN,
    present: async ({ server, provider }, holder, code) => {
      // A wrong code uses its flow up, so each attempt has a flow of its own.
      const returned =
        code === holder.returned.code ? holder.returned : await comeBack(server, provider);
      const { flowToken } = returned;
      const callbackUrl = withParameter(returned.callbackUrl, 'code', code);
      return (await complete(server, { flowToken, callbackUrl })).__typename;
    },
  },
};

function withParameter(callbackUrl: string, name: string, value: string): string {
  const url = new URL(callbackUrl);
  url.searchParams.set(name, value);
  return url.href;
}
