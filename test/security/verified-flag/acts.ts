import { expect } from 'vitest';
import {
  askForReset,
  CONFIRM_EMAIL_CHANGE,
  mailTitled,
  NEW_PASSWORD,
  REQUEST_EMAIL_CHANGE,
  RESEND,
  RESET,
  TITLES,
  typeOf,
} from '../../journeys/account-care.ts';
import {
  codeOf,
  completeSignIn,
  linkOf,
  REQUEST_SIGN_IN,
  requestSignIn,
  wrongCode,
} from '../../journeys/email-sign-in/acts.ts';
import { LOGIN, PASSWORD, type Person, REGISTER, VERIFY_EMAIL } from '../../support/journeys.ts';
import { begin, roundTrip } from '../../support/oauth.ts';
import type { ForgingProvider } from '../../support/provider.ts';
import { callAs, codeMailedBy, MFA, verify } from '../../support/second-factor.ts';
import type { ReadMail, TestServer } from '../../support/server.ts';

type Unproven = Person & { readonly code: () => string };
export type Cell = {
  readonly server: TestServer;
  readonly provider: ForgingProvider;
  readonly person: Unproven;
  readonly fresh: string;
};

/** Whose flag an act is about: the person's, that of an address nobody has yet, or of a new one. */
export type Act = {
  readonly of: 'person' | 'fresh';
  readonly proves: boolean;
  /** What it answers, whatever the setting: the act was what it says it is. */
  readonly answers: RegExp;
  /** What the act answers with a second factor in the way. */
  readonly interrupted?: string;
  readonly run: (cell: Cell) => Promise<string>;
};

const door = (mail: ReadMail, as: 'link' | 'code') =>
  as === 'link' ? { token: mail.token } : { code: { email: mail.to, code: mail.code } };

const verifyWith = async (server: TestServer, input: object, token?: string) =>
  typeOf(await server.graphql(VERIFY_EMAIL, { input }, { token }));

const register = async ({ server, fresh: email }: Cell) =>
  typeOf(await server.graphql(REGISTER, { input: { email, password: PASSWORD } }));

/** The proof mailed to a person who asks for it, or to a stranger who does. */
async function resent({ server, person }: Cell, asker: 'person' | 'stranger') {
  const options = asker === 'person' ? { token: person.accessToken } : {};
  await server.graphql(RESEND, { input: { email: person.email } }, options);
  return await mailTitled(server, person.email, TITLES.verify, 2);
}

async function changeMail({ server, person, fresh }: Cell) {
  const asked = await callAs(server, person.accessToken, REQUEST_EMAIL_CHANGE, { newEmail: fresh });
  expect(asked.__typename).toBe('EmailSent');
  return await mailTitled(server, fresh, TITLES.confirmChange);
}

const confirmChange = async ({ server, person }: Cell, proof: object) =>
  (await callAs(server, person.accessToken, CONFIRM_EMAIL_CHANGE, { proof })).__typename;

const reset = async (server: TestServer, proof: object, resetToken?: string) =>
  typeOf(await server.graphql(RESET, { input: { proof, newPassword: NEW_PASSWORD, resetToken } }));

const signInByMail = async (server: TestServer, email: string, as: 'link' | 'code') => {
  const mail = await requestSignIn(server, email);
  return (await completeSignIn(server, as === 'link' ? linkOf(mail) : codeOf(mail))).__typename;
};

const COMPLETE =
  'mutation ($input: CompleteOAuthInput!) { completeOAuth(input: $input) { __typename } }';

/** A round trip that asks for nothing a session without its second factor may not see. */
async function oauth(
  { server, provider }: Cell,
  email: string,
  email_verified: unknown,
  sub = email,
) {
  provider.claims = { sub, email, email_verified };
  const { flowToken, authorizationUrl } = await begin(server);
  const callbackUrl = await provider.visit(authorizationUrl);
  return typeOf(await server.graphql(COMPLETE, { input: { flowToken, callbackUrl } }));
}

const PROVEN = /^(SignedIn|MfaRequired|PasswordChanged|EmailChanged|MfaEnabled)$/;
/** A sign-in that proceeds as far as the settings allow. */
const LET_IN = /^(SignedIn|MfaRequired|EmailVerificationRequired)$/;

const both = (
  name: string,
  of: Act['of'],
  run: (cell: Cell, as: 'link' | 'code') => Promise<string>,
) =>
  Object.fromEntries(
    (['link', 'code'] as const).map((as) => [
      `${name}: ${as}`,
      { of, proves: true, answers: PROVEN, run: (cell: Cell) => run(cell, as) } satisfies Act,
    ]),
  );

/** Acts that prove an address. */
export const PROOFS: Readonly<Record<string, Act>> = {
  ...both('registration', 'fresh', async ({ server, fresh: email }, as) => {
    const { data } = await server.graphql(REGISTER, { input: { email, password: PASSWORD } });
    const { registrationToken, accessToken } = data.register;
    const proof = door(await server.mailTo(email), as);
    return await verifyWith(server, { proof, registrationToken }, accessToken);
  }),
  'verification asked for by a stranger: link': {
    of: 'person',
    proves: true,
    answers: PROVEN,
    run: async (cell) => {
      const proof = door(await resent(cell, 'stranger'), 'link');
      return await verifyWith(cell.server, { proof, password: NEW_PASSWORD });
    },
  },
  ...both('reset by mail', 'person', async ({ server, person }, as) => {
    const mail = await askForReset(server, person.email);
    return await reset(server, door(mail, as), mail.resetToken);
  }),
  ...both('sign-in by mail, a new address', 'fresh', ({ server, fresh }, as) =>
    signInByMail(server, fresh, as),
  ),
  ...both('sign-in by mail, the address of the account', 'person', ({ server, person }, as) =>
    signInByMail(server, person.email, as),
  ),
  ...both('change of address', 'fresh', async (cell, as) =>
    confirmChange(cell, door(await changeMail(cell), as)),
  ),
  'verification asked for by the person: link': {
    of: 'person',
    proves: true,
    answers: PROVEN,
    interrupted: 'MfaRequired',
    run: async (cell) => {
      const proof = door(await resent(cell, 'person'), 'link');
      return await verifyWith(cell.server, { proof }, cell.person.accessToken);
    },
  },
  'verification asked for by the person: code': {
    of: 'person',
    proves: true,
    answers: PROVEN,
    interrupted: 'MfaRequired',
    run: async (cell) => {
      const proof = door(await resent(cell, 'person'), 'code');
      return await verifyWith(cell.server, { proof }, cell.person.accessToken);
    },
  },
  'codes by mail enabled': {
    of: 'person',
    proves: true,
    answers: PROVEN,
    run: async ({ server, person }) => {
      const code = await codeMailedBy(server, person.email, () =>
        callAs(server, person.accessToken, MFA.enableEmailMfa),
      );
      return (await callAs(server, person.accessToken, MFA.confirmEmailMfa, { code })).__typename;
    },
  },
  'a provider that verified a new address': {
    of: 'fresh',
    proves: true,
    answers: PROVEN,
    run: (cell) => oauth(cell, cell.fresh, true),
  },
  'a provider that verified the address of the account': {
    of: 'person',
    proves: true,
    answers: PROVEN,
    run: (cell) => oauth(cell, cell.person.email, true),
  },
};

/** Acts that do not. */
export const NO_PROOFS: Readonly<Record<string, Act>> = {
  registration: { of: 'fresh', proves: false, answers: LET_IN, run: register },
  'the password': {
    of: 'person',
    proves: false,
    answers: LET_IN,
    run: async ({ server, person: { email } }) =>
      typeOf(await server.graphql(LOGIN, { input: { email, password: PASSWORD } })),
  },
  'the second factor': {
    of: 'person',
    proves: false,
    answers: LET_IN,
    run: async ({ server, person: { email, code } }) => {
      const { data } = await server.graphql(MFA.challenge, {
        input: { email, password: PASSWORD },
      });
      const { challengeToken } = data.login;
      if (challengeToken === undefined) return data.login.__typename;
      return (await verify(server, challengeToken, 'TOTP', code())).__typename;
    },
  },
  'a mail that was only asked for': {
    of: 'person',
    proves: false,
    answers: /^EmailSent$/,
    run: async (cell) => {
      await resent(cell, 'stranger');
      await askForReset(cell.server, cell.person.email);
      return 'EmailSent';
    },
  },
  'a sign-in by mail that was only asked for': {
    of: 'person',
    proves: false,
    answers: /^EmailSignInStarted$/,
    run: async ({ server, person: { email } }) =>
      typeOf(await server.graphql(REQUEST_SIGN_IN, { input: { email } })),
  },
  'a wrong code of a sign-in by mail': {
    of: 'person',
    proves: false,
    answers: /^InvalidTokenError$/,
    run: async ({ server, person }) => {
      const { code, emailSignInToken } = await requestSignIn(server, person.email);
      const proof = { code: { code: wrongCode(code), emailSignInToken } };
      return (await completeSignIn(server, proof)).__typename;
    },
  },
  'a wrong code': {
    of: 'person',
    proves: false,
    answers: /^InvalidTokenError$/,
    run: async (cell) => {
      const { code } = await resent(cell, 'person');
      const wrong = code === '11111111' ? '22222222' : '11111111';
      const { email } = cell.person;
      return await verifyWith(cell.server, { proof: { code: { email, code: wrong } } });
    },
  },
  'a reset’s link where an address is verified': {
    of: 'person',
    proves: false,
    answers: /^InvalidTokenError$/,
    run: async ({ server, person: { email } }) =>
      verifyWith(server, { proof: { token: (await askForReset(server, email)).token } }),
  },
  'a verification’s link where a password is reset': {
    of: 'person',
    proves: false,
    answers: /^InvalidTokenError$/,
    run: async (cell) => reset(cell.server, { token: (await resent(cell, 'person')).token }),
  },
  'a reset whose password is too weak': {
    of: 'person',
    proves: false,
    answers: /^WeakPasswordError$/,
    run: async ({ server, person: { email } }) => {
      const proof = { token: (await askForReset(server, email)).token };
      return typeOf(await server.graphql(RESET, { input: { proof, newPassword: 'password' } }));
    },
  },
  'a proof of the address after next': {
    of: 'person',
    proves: false,
    answers: /^InvalidTokenError$/,
    run: async (cell) => {
      const { token } = await changeMail(cell);
      return await verifyWith(cell.server, { proof: { token } });
    },
  },
  'a change that was only asked for': {
    of: 'person',
    proves: false,
    answers: /^EmailSent$/,
    run: async (cell) => {
      await changeMail(cell);
      return 'EmailSent';
    },
  },
  'a provider that verified nothing, a new address': {
    of: 'fresh',
    proves: false,
    answers: /^OAuthFailedError$/,
    run: (cell) => oauth(cell, cell.fresh, false),
  },
  'a provider that says so as text': {
    of: 'person',
    proves: false,
    answers: /^OAuthFailedError$/,
    run: (cell) => oauth(cell, cell.person.email, 'true'),
  },
  'a provider linked before, with another address': {
    of: 'person',
    proves: false,
    answers: LET_IN,
    run: async (cell) => {
      const { server, provider, person, fresh } = cell;
      const claims = { sub: `linked-${fresh}`, email: fresh, email_verified: true };
      const linked = await roundTrip(server, provider, claims, person.accessToken);
      expect(linked.__typename).toBe('IdentityLinked');
      return await oauth(cell, fresh, true, claims.sub);
    },
  },
};
