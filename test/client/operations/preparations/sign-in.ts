import { codeOf, requestSignIn } from '../../../journeys/email-sign-in/acts.ts';
import { plantInvitation } from '../../../journeys/invitation/acts.ts';
import { signUpAdministrator } from '../../../support/administrators.ts';
import { askFor } from '../../../support/impersonation.ts';
import { PASSWORD, REGISTER, signIn, signUp } from '../../../support/journeys.ts';
import { newEmail, type Preparations } from '../stage.ts';

/** Registration, sign-in, sessions. */
export const SIGN_IN: Preparations = {
  register: async () => ({
    variables: { input: { email: newEmail(), password: PASSWORD, name: 'Ada' } },
    outcome: 'EmailVerificationRequired',
  }),
  resendEmailVerification: async () => ({
    variables: { input: { email: newEmail() } },
    outcome: 'EmailSent',
  }),
  verifyEmail: async ({ server }) => {
    const email = newEmail();
    const { data } = await server.graphql(REGISTER, { input: { email, password: PASSWORD } });
    const { registrationToken } = data.register;
    const { code } = await server.mailTo(email);
    const proof = { code: { email, code } };
    return { variables: { input: { proof, registrationToken } }, outcome: 'SignedIn' };
  },
  login: async ({ server }) => {
    const { email, password } = await signUp(server);
    return { variables: { input: { email, password } }, outcome: 'SignedIn' };
  },
  requestEmailSignIn: async ({ server }) => {
    const { email } = await signUp(server);
    return { variables: { input: { email } }, outcome: 'EmailSignInStarted' };
  },
  completeEmailSignIn: async ({ server }) => {
    const proof = codeOf(await requestSignIn(server, newEmail()));
    return { variables: { input: { proof } }, outcome: 'SignedIn' };
  },
  acceptInvitation: async ({ server }) => {
    const token = await plantInvitation(server, { email: newEmail() });
    return {
      variables: { input: { token, password: PASSWORD, name: 'Ada' } },
      outcome: 'SignedIn',
    };
  },
  refreshToken: async ({ server }) => {
    const { refreshToken } = await signUp(server);
    return { variables: { input: { refreshToken } }, outcome: 'SignedIn' };
  },
  reauthenticate: async ({ server }) => {
    const { accessToken, password } = await signUp(server);
    return { token: accessToken, variables: { input: { password } }, outcome: 'SignedIn' };
  },
  logout: async ({ server }) => {
    const { accessToken } = await signUp(server);
    return { token: accessToken, outcome: 'SignedOut' };
  },
  revokeSession: async ({ server }) => {
    const person = await signUp(server);
    const { sessionId } = await signIn(server, person);
    return {
      token: person.accessToken,
      variables: { input: { sessionId } },
      outcome: 'SessionsRevoked',
    };
  },
  revokeOtherSessions: async ({ server }) => {
    const person = await signUp(server);
    await signIn(server, person);
    return { token: person.accessToken, outcome: 'SessionsRevoked' };
  },

  completeHandover: async ({ server }) => {
    const administrator = await signUpAdministrator(server);
    const { handoverToken } = await askFor(server, administrator, await signUp(server));
    return { variables: { input: { handoverToken } }, outcome: 'SignedIn' };
  },
};
