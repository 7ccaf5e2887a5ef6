import type { Html } from '../../src/kernel/html.ts';
import { html } from '../../src/kernel/html.ts';
import { respondWithPage } from './page.ts';
import { PROOF_SCRIPT } from './proof-script.ts';

/** What a page needs in order to send its mutation and to show the result. */
export type ProofPage = {
  readonly title: string;
  readonly explanation: string;
  readonly button: string;
  readonly fields?: Html;
  readonly field: string;
  /** True when the token goes in as `proof: { token }`, false for `token`. */
  readonly proof: boolean;
  readonly document: string;
  /** The query that shows what the link would do before the button is pressed. */
  readonly preview?: string;
  /** The text for a result, by its type name. */
  readonly outcomes: Readonly<Record<string, string>>;
  /** The text for any other result that is not an error. */
  readonly done: string;
};

const SIGNED_IN = `
    ... on SignedIn { accessToken refreshToken }
    ... on MfaRequired { challengeToken }`;

const CHANGE = '{ type at detail }';

const MAILED_TOKEN = `query MailedToken($token: String!) {
  mailedToken(token: $token) { email requestedAt ipAddress userAgent undoes ${CHANGE} stays ${CHANGE} }
}`;

/** The pages that links in mails open when APP_URL has its default, by path. */
export const PROOF_PAGES: Readonly<Record<string, ProofPage>> = {
  '/verify-email': {
    title: 'Confirm your email address',
    explanation: 'Press the button to confirm that this address is yours. You will be signed in.',
    button: 'Confirm address',
    fields: html`<label for="registrationToken">Registration token (optional)</label>
<input id="registrationToken" name="registrationToken" autocomplete="off" aria-describedby="registrationToken-hint">
<p class="quiet" id="registrationToken-hint">Part of the result of register; your own app stores it. Without it, this page asks for a password.</p>
<div id="password-needed" hidden>
<label for="password">Password for the account</label>
<input id="password" name="password" type="password" autocomplete="new-password">
<label for="name">Name (optional)</label>
<input id="name" name="name" autocomplete="name">
</div>`,
    field: 'verifyEmail',
    proof: true,
    document: mutation('VerifyEmail', 'verifyEmail', 'VerifyEmailInput', SIGNED_IN),
    outcomes: {
      SignedIn: 'Your address is confirmed and you are signed in.',
      MfaRequired:
        'Your address is confirmed. This account uses two-step verification: send verifyMfa with the challenge token.',
      PasswordNeeded:
        'The link is valid, but no valid registration token was sent with it. Choose a password and press the button again.',
    },
    done: 'Your address is confirmed.',
  },
  '/email-sign-in': {
    title: 'Sign in',
    explanation:
      'Press the button to sign in to this account in this browser. If you did not request it, close this page.',
    button: 'Sign in',
    fields: html`<div id="preview"></div>`,
    field: 'completeEmailSignIn',
    proof: true,
    document: mutation(
      'CompleteEmailSignIn',
      'completeEmailSignIn',
      'CompleteEmailSignInInput',
      SIGNED_IN,
    ),
    preview: MAILED_TOKEN,
    outcomes: {
      MfaRequired:
        'This account uses two-step verification: send verifyMfa with the challenge token.',
    },
    done: 'You are signed in.',
  },
  '/accept-invitation': {
    title: 'Accept the invitation',
    explanation: 'Choose a password and press the button. You will be signed in.',
    button: 'Accept invitation',
    fields: html`<label for="name">Name (optional)</label>
<input id="name" name="name" autocomplete="name">
<label for="password">Password for the account</label>
<input id="password" name="password" type="password" autocomplete="new-password" required>`,
    field: 'acceptInvitation',
    proof: false,
    document: mutation(
      'AcceptInvitation',
      'acceptInvitation',
      'AcceptInvitationInput',
      `${SIGNED_IN}\n    ... on WeakPasswordError { reasons }`,
    ),
    outcomes: {
      MfaRequired:
        'This account uses two-step verification: send verifyMfa with the challenge token.',
      PasswordNeeded: 'The link is valid. Choose a password and press the button again.',
    },
    done: 'Your account is open and you are signed in.',
  },
  '/reset-password': {
    title: 'Choose a new password',
    explanation:
      'A new password ends every session of your account. You sign in with it afterwards.',
    button: 'Set password',
    fields: html`<label for="newPassword">New password</label>
<input id="newPassword" name="newPassword" type="password" autocomplete="new-password" required>`,
    field: 'resetPassword',
    proof: true,
    document: mutation(
      'ResetPassword',
      'resetPassword',
      'ResetPasswordInput',
      '\n    ... on WeakPasswordError { reasons }',
    ),
    outcomes: {},
    done: 'Your password was changed and every session was ended. Sign in with the new password.',
  },
  '/confirm-email-change': {
    title: 'Confirm your new email address',
    explanation:
      'Press the button to use this address for your account from now on. You must be signed in to the account.',
    button: 'Use this address',
    fields: html`<label for="accessToken">Your access token</label>
<input id="accessToken" name="accessToken" autocomplete="off" required>`,
    field: 'confirmEmailChange',
    proof: true,
    document: mutation('ConfirmEmailChange', 'confirmEmailChange', 'ConfirmEmailChangeInput', ''),
    outcomes: {},
    done: 'Your account now uses the new address.',
  },
  '/undo-email-change': {
    title: 'Undo the change of your email address',
    explanation:
      'Press the button to return to the address that this mail was sent to and to undo the changes listed here. This ends every session and removes the password, whoever set it.',
    button: 'Undo the change',
    fields: html`<div id="preview"></div>`,
    field: 'undoEmailChange',
    proof: false,
    document: mutation('UndoEmailChange', 'undoEmailChange', 'UndoEmailChangeInput', ''),
    preview: MAILED_TOKEN,
    outcomes: {},
    done: 'The change was undone, every session was ended and the password was removed. Reset the password to set a new one.',
  },
  '/undo-security-change': {
    title: 'Undo a change to your account',
    explanation:
      'Press the button to undo the changes listed here. This ends every session and removes the password, whoever set it.',
    button: 'Undo these changes',
    fields: html`<div id="preview"></div>`,
    field: 'undoSecurityChange',
    proof: false,
    document: mutation(
      'UndoSecurityChange',
      'undoSecurityChange',
      'UndoSecurityChangeInput',
      `\n    ... on SecurityChangeUndone { undone ${CHANGE} restored ${CHANGE} stays ${CHANGE} sessionsRevoked }`,
    ),
    preview: MAILED_TOKEN,
    outcomes: {},
    done: 'The change was undone, every session was ended and the password was removed. Reset the password to set a new one.',
  },
};

/** A page with a button. Opening the page does not use the token (PR-3). */
export function proofPage(page: ProofPage): Response {
  const { title, explanation, button, fields, ...data } = page;
  return respondWithPage({
    title,
    body: html`<div class="card">
<h1>${title}</h1>
<form>
<p>${explanation}</p>
${fields ?? null}
<button type="submit">${button}</button>
</form>
<noscript><p>This page needs JavaScript to send a GraphQL mutation.</p></noscript>
<div role="status"></div>
</div>
<p class="quiet">In production, your own app serves APP_URL and sends this mutation.</p>`,
    script: PROOF_SCRIPT,
    data,
  });
}

function mutation(operation: string, field: string, input: string, selection: string): string {
  return `mutation ${operation}($input: ${input}!) {
  ${field}(input: $input) {
    __typename
    ... on Error { message }
    ... on InvalidInputError { issues { message } }${selection}
  }
}`;
}
