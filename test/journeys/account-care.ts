import { documentOf } from '../support/documents.ts';
import type { Person } from '../support/journeys.ts';
import type { Answer, ReadMail, TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

/** The mutations around an account, with all fields that tests read. */

export const NEW_PASSWORD = 'nine quiet herons walking';

export const REQUEST_RESET = documentOf('requestPasswordReset');
export const RESET = documentOf('resetPassword');
export const CHANGE_PASSWORD = documentOf('changePassword');
export const REQUEST_EMAIL_CHANGE = documentOf('requestEmailChange');
export const CONFIRM_EMAIL_CHANGE = documentOf('confirmEmailChange');
export const UNDO_EMAIL_CHANGE = documentOf('undoEmailChange');
export const UNDO_SECURITY_CHANGE = documentOf('undoSecurityChange');
export const UPDATE_PROFILE = documentOf('updateProfile');
export const DELETE_ACCOUNT = documentOf('deleteAccount');
export const RESEND = documentOf('resendEmailVerification');
export const REAUTHENTICATE = documentOf('reauthenticate');

const VIEWER = `{ viewer { user { id email emailVerified name } session { id } } }`;

/** The newest mail to an address with this title, once that many have arrived. */
export async function mailTitled(
  server: TestServer,
  address: string,
  title: string,
  count = 1,
): Promise<ReadMail> {
  const mail = await until(() => {
    const received = server.mails.filter((one) => one.to === address && one.subject === title);
    return received.length >= count ? received.at(-1) : undefined;
  });
  return {
    ...mail,
    code: /\b(\d{4}) ?(\d{4})\b/.exec(mail.text)?.slice(1).join('') ?? '',
    token: /[?&]token=([\w-]+)/.exec(mail.text)?.[1] ?? '',
  };
}

/** The number of mails with this title to an address. */
export function countMails(server: TestServer, address: string, title: string): number {
  return server.mails.filter((one) => one.to === address && one.subject === title).length;
}

export const TITLES = {
  passkeyAdded: 'A passkey was added to your account',
  verify: 'Confirm your email address',
  earlierClaim: 'Your email address was confirmed',
  reset: 'Reset your password',
  confirmChange: 'Confirm your new email address',
  changeRequested: 'Your email address is about to change',
  changed: 'Your email address was changed',
  held: 'This email address is reserved for an account',
  /** To the mailbox whose link was used. */
  undone: 'A change to your account was undone',
  /** To the address that the account left. */
  leftBehind: 'Your email address change was undone',
  resetDone: 'Your password was reset',
  passwordChanged: 'Your password was changed',
  newDevice: 'New sign-in to your account',
  reuse: 'You were signed out for your security',
  deleted: 'Your account was deleted',
  factorAdded: 'Two-step verification method added',
  codesMade: 'New backup codes were created',
} as const;

/** Requests a reset and reads its mail. */
export async function askForReset(server: TestServer, email: string) {
  const before = countMails(server, email, TITLES.reset);
  const { data } = await server.graphql(REQUEST_RESET, { input: { email } });
  const mail = await mailTitled(server, email, TITLES.reset, before + 1);
  const resetToken: string = data.requestPasswordReset.resetToken;
  return { ...mail, resetToken };
}

/** True if a person's access token is still accepted. */
export async function isSignedIn(server: TestServer, person: Pick<Person, 'accessToken'>) {
  const { data } = await server.graphql(VIEWER, undefined, { token: person.accessToken });
  return data.viewer !== null;
}

/** The type of an operation's one result. */
export function typeOf({ data }: Answer): string {
  const [answer] = Object.values(data ?? {}) as { __typename: string }[];
  return answer?.__typename ?? 'nothing';
}
