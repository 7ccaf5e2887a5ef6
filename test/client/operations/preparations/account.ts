import {
  askForReset,
  CONFIRM_EMAIL_CHANGE,
  mailTitled,
  NEW_PASSWORD,
  REQUEST_EMAIL_CHANGE,
  TITLES,
} from '../../../journeys/account-care.ts';
import { type Person, signUp } from '../../../support/journeys.ts';
import { enrollTotp } from '../../../support/second-factor.ts';
import type { TestServer } from '../../../support/server.ts';
import { newEmail, type Preparations } from '../stage.ts';

/** A person who requested a change of address, and the proof from its mail. */
async function askForChange(server: TestServer): Promise<{ person: Person; token: string }> {
  const person = await signUp(server);
  const address = newEmail();
  await server.graphql(
    REQUEST_EMAIL_CHANGE,
    { input: { newEmail: address } },
    { token: person.accessToken },
  );
  const { token } = await mailTitled(server, address, TITLES.confirmChange);
  return { person, token };
}

/** The password, the address, the profile and the deletion of an account. */
export const ACCOUNT: Preparations = {
  requestPasswordReset: async ({ server }) => {
    const { email } = await signUp(server);
    return { variables: { input: { email } }, outcome: 'EmailSent' };
  },
  resetPassword: async ({ server }) => {
    const { email } = await signUp(server);
    const { token } = await askForReset(server, email);
    return {
      variables: { input: { proof: { token }, newPassword: NEW_PASSWORD } },
      outcome: 'PasswordChanged',
    };
  },
  changePassword: async ({ server }) => {
    const { accessToken, password } = await signUp(server);
    return {
      token: accessToken,
      variables: { input: { currentPassword: password, newPassword: NEW_PASSWORD } },
      outcome: 'PasswordChanged',
    };
  },
  requestEmailChange: async ({ server }) => {
    const { accessToken } = await signUp(server);
    return {
      token: accessToken,
      variables: { input: { newEmail: newEmail() } },
      outcome: 'EmailSent',
    };
  },
  confirmEmailChange: async ({ server }) => {
    const { person, token } = await askForChange(server);
    return {
      token: person.accessToken,
      variables: { input: { proof: { token } } },
      outcome: 'EmailChanged',
    };
  },
  undoEmailChange: async ({ server }) => {
    const { person, token } = await askForChange(server);
    await server.graphql(
      CONFIRM_EMAIL_CHANGE,
      { input: { proof: { token } } },
      { token: person.accessToken },
    );
    const undo = await mailTitled(server, person.email, TITLES.changed);
    return { variables: { input: { token: undo.token } }, outcome: 'EmailChangeUndone' };
  },
  undoSecurityChange: async ({ server }) => {
    const person = await signUp(server);
    await enrollTotp(server, person);
    const { token } = await mailTitled(server, person.email, TITLES.factorAdded);
    return { variables: { input: { token } }, outcome: 'SecurityChangeUndone' };
  },
  updateProfile: async ({ server }) => {
    const { accessToken } = await signUp(server);
    return {
      token: accessToken,
      variables: { input: { name: 'Ada Lovelace' } },
      outcome: 'ProfileUpdated',
    };
  },
  deleteAccount: async ({ server }) => {
    const { accessToken } = await signUp(server);
    return { token: accessToken, outcome: 'AccountDeleted' };
  },
};
