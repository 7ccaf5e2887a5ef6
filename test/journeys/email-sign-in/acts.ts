import { documentOf } from '../../support/documents.ts';
import type { ReadMail, TestServer } from '../../support/server.ts';
import { countMails, mailTitled } from '../account-care.ts';

/** What a browser sends to sign in by mail. */

export const REQUEST_SIGN_IN = documentOf('requestEmailSignIn');
export const COMPLETE_SIGN_IN = documentOf('completeEmailSignIn');
const MAILED_TOKEN = documentOf('mailedToken');

export const SIGN_IN_TITLE = 'Sign in to Latchkey';
export const NO_ACCOUNT_TITLE = 'You have no account with this email address';

/** A request, the mail that it caused, and the secret of the browser. */
export type RequestedSignIn = ReadMail & { readonly emailSignInToken: string };

export async function requestSignIn(
  server: TestServer,
  email: string,
  from: Parameters<TestServer['graphql']>[2] = {},
): Promise<RequestedSignIn> {
  const before = countMails(server, email, SIGN_IN_TITLE);
  const { data } = await server.graphql(REQUEST_SIGN_IN, { input: { email } }, from);
  const mail = await mailTitled(server, email, SIGN_IN_TITLE, before + 1);
  return { ...mail, emailSignInToken: data.requestEmailSignIn.emailSignInToken };
}

/** Presents a proof. */
export async function completeSignIn(
  server: TestServer,
  proof:
    | { readonly token: string }
    | { readonly code: { readonly code: string; readonly emailSignInToken: string } },
  from: Parameters<TestServer['graphql']>[2] = {},
) {
  const { data } = await server.graphql(COMPLETE_SIGN_IN, { input: { proof } }, from);
  return data.completeEmailSignIn;
}

/** The code of a mail as the browser that requested it presents it. */
export const codeOf = ({ code, emailSignInToken }: RequestedSignIn) => ({
  code: { code, emailSignInToken },
});

/** The link of a mail. */
export const linkOf = ({ token }: Pick<RequestedSignIn, 'token'>) => ({ token });

export const mailedToken = async (server: TestServer, token: string) =>
  (await server.graphql(MAILED_TOKEN, { token })).data.mailedToken;

/** Eight digits that are not the code. */
export const wrongCode = (code: string) => (code === '00000000' ? '11111111' : '00000000');
