import { LOGIN, PASSWORD, VERIFY_EMAIL } from '../../support/journeys.ts';
import type { RealServer } from './real-server.ts';

const REGISTER = `mutation ($input: RegisterInput!) {
  register(input: $input) { __typename ... on EmailVerificationRequired { registrationToken } }
}`;

/** The people that tests sign in as. */
export type Account = { readonly email: string; readonly password: string };

let people = 0;

/** An address and a password nobody has used yet. */
export function newcomer(): Account {
  people += 1;
  return { email: `person-${people}@example.com`, password: PASSWORD };
}

/** Somebody who has registered and verified, by no browser. */
export async function signUpElsewhere(server: RealServer): Promise<Account> {
  const account = newcomer();
  const registered = await server.post(REGISTER, { input: account });
  if (registered.data?.register.__typename !== 'EmailVerificationRequired') {
    throw new Error(`Not registered: ${JSON.stringify(registered)}`);
  }
  const { code } = await server.mail(account.email, 'Confirm your email address');
  const { registrationToken } = registered.data.register;
  const input = { proof: { code: { email: account.email, code } }, registrationToken };
  const { data } = await server.post(VERIFY_EMAIL, { input });
  if (data.verifyEmail.__typename !== 'SignedIn') throw new Error(data.verifyEmail.__typename);
  return account;
}

/** Signs in on another device. @returns its access token */
export async function signInElsewhere(server: RealServer, account: Account): Promise<string> {
  const { data } = await server.post(LOGIN, { input: account });
  if (data.login.__typename !== 'SignedIn') throw new Error(data.login.__typename);
  return data.login.accessToken;
}
