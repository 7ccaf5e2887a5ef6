import { describeDevice } from '../device.ts';
import type { MailedChange, MailOrigin, MailValues } from '../messages.ts';
import { maskedEmail, plainIpAddress, plainLabel, plainName } from '../strangers.ts';
import type { Language } from './language.ts';

type Formats = { readonly date: Intl.DateTimeFormat; readonly time: Intl.DateTimeFormat };

let formats: Formats | undefined;

/** Created with the first mail: creating a format takes as long as loading many modules, and no start needs one (ADR-0022). */
function dateFormats(): Formats {
  formats ??= {
    date: new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' }),
    time: new Intl.DateTimeFormat('en-GB', { timeStyle: 'short', timeZone: 'UTC' }),
  };
  return formats;
}

const METHODS: Record<MailValues<'mfa-enabled'>['method'], string> = {
  passkey: 'A passkey',
  totp: 'An authenticator app',
  email: 'The code by email',
};

const NOT_YOU =
  'If this was not you, reset your password. A reset signs you out everywhere. The mail that confirms the reset lists recent additions to your account, with links that undo them.';
const NOT_YOU_SIGNED_IN = `${NOT_YOU} A reset does not keep out someone who signs in with a linked account or a passkey: remove them as well if they are not yours.`;

/** An address that was never verified gets no link. A reset then removes everything that was set up before. */
const UNPROVEN_NOT_YOU =
  'If this was not you, reset your password. The reset removes everything that was set up before this address was confirmed.';
const IGNORE = 'If you did not request this, ignore this mail. Nothing changes unless it is used.';

/** English. */
export const english: Language = {
  tag: 'en',
  code: (codeExpiresAt) => `Your code, valid until ${moment(codeExpiresAt)}:`,
  codeInstead: (codeExpiresAt) => `Or enter this code, valid until ${moment(codeExpiresAt)}:`,
  linkInstead: 'If the button does not work, open this link:',
  sentBy: ({ appName }) => `Sent by ${appName} because this email address was used there.`,
  messages: {
    'verify-email': ({ name, expiresAt, from }, { appName }) => ({
      title: 'Confirm your email address',
      paragraphs: [
        `${greeting(name)} confirm this email address to finish signing up at ${appName}.`,
        `The link works once and expires on ${moment(expiresAt)}.`,
      ],
      button: 'Confirm address',
      footnote: `${requested(from)} ${IGNORE}`,
    }),
    'prove-address': ({ expiresAt, from }, { appName }) => ({
      title: 'Confirm your email address',
      paragraphs: [
        `Confirm this email address and choose a password to finish signing up at ${appName}.`,
        `The link works once and expires on ${moment(expiresAt)}.`,
      ],
      button: 'Confirm address',
      footnote: `${requested(from)} ${IGNORE}`,
    }),
    'earlier-claim-removed': ({ at, from }, { appName }) => ({
      title: 'Your email address was confirmed',
      paragraphs: [
        `This email address was confirmed for the first time on ${moment(at)} ${by(from)}. Before that, an account at ${appName} had used the address without confirming it.`,
        'The account is now yours. Its earlier password, sessions, two-step verification methods and linked accounts were removed.',
      ],
      footnote:
        'If you set them up yourself, set them up again. Otherwise you do not need to do anything.',
    }),
    'already-registered': ({ from }, { appName }) => ({
      title: 'You already have an account',
      paragraphs: [
        `Someone, probably you, tried to sign up at ${appName} with this email address. The address already has an account, so nothing was changed.`,
        'Sign in with your password. If you have forgotten it, you can reset it on the sign-in page.',
      ],
      button: 'Sign in',
      footnote: `${requested(from)} If this was not you, you do not need to do anything.`,
    }),
    'reset-password': ({ expiresAt, from }, { appName }) => ({
      title: 'Reset your password',
      paragraphs: [
        `Choose a new password for your account at ${appName}.`,
        `The link works once and expires on ${moment(expiresAt)}. A new password signs you out everywhere.`,
        'The code works only in the browser that requested the reset.',
      ],
      button: 'Choose a new password',
      footnote: `${requested(from)} ${IGNORE}`,
    }),
    'reset-password-offered': ({ expiresAt }, { appName }) => ({
      title: 'Choose a new password',
      paragraphs: [
        `An administrator of ${appName} sent you this link, with which you can choose a new password for your account.`,
        `The link works once and expires on ${moment(expiresAt)}. A new password signs you out everywhere.`,
      ],
      button: 'Choose a new password',
      footnote:
        'If you do not need a new password, ignore this mail. Nothing changes unless the link is used. Do not forward it: nobody else needs it, not even the administrator.',
    }),
    'email-sign-in': ({ isNew, expiresAt, from }, { appName }) => ({
      title: `Sign in to ${appName}`,
      paragraphs: [
        isNew
          ? `This email address has no account at ${appName} yet. Signing in creates one.`
          : `Use this mail to sign in to your account at ${appName}.`,
        `The link works once and expires on ${moment(expiresAt)}. Before it signs you in, the page shows which device requested it.`,
        `The code works only in the browser that requested it. Enter it at ${appName} and nowhere else: nobody will ask you for it by phone, mail or message.`,
      ],
      button: isNew ? 'Create account and sign in' : 'Sign in',
      footnote: `${requested(from)} If you did not request this, do not use the link or the code, and do not give the code to anyone. Nothing happens unless they are used.`,
    }),
    'email-sign-in-no-account': ({ from }, { appName }) => ({
      title: 'You have no account with this email address',
      paragraphs: [
        `Someone, probably you, tried to sign in at ${appName} with this email address. It has no account there, so no code was sent.`,
        'If you have an account with another address, sign in with that one. Otherwise, create an account first.',
      ],
      button: 'Go to the sign-in page',
      footnote: `${requested(from)} If this was not you, you do not need to do anything. You get this mail at most once a day.`,
    }),
    'password-changed': ({ at, from }, { appName }) => ({
      title: 'Your password was changed',
      paragraphs: [
        `The password of your account at ${appName} was changed on ${moment(at)} ${by(from)}.`,
        'All other sessions were signed out.',
      ],
      footnote: NOT_YOU,
    }),
    'password-reset-done': ({ at, from, url, expiresAt, openChanges }, { appName }) => ({
      title: 'Your password was reset',
      paragraphs: [
        `The password of your account at ${appName} was reset on ${moment(at)} ${by(from)}.`,
        'All sessions were signed out. Sign in with the new password.',
        ...openNotice(openChanges),
      ],
      button: UNDO_BUTTON,
      links: openChanges.map(undoWords),
      footnote: url === null ? NOT_YOU : undoFootnote(url, expiresAt),
    }),
    'confirm-email-change': ({ expiresAt }, { appName }) => ({
      title: 'Confirm your new email address',
      paragraphs: [
        `Confirm that your account at ${appName} should use this email address from now on.`,
        `The link works once and expires on ${moment(expiresAt)}.`,
      ],
      button: 'Use this address',
      footnote: IGNORE,
    }),
    'email-change-requested': ({ at, from, newEmail, expiresAt }, { appName }) => ({
      title: 'Your email address is about to change',
      paragraphs: [
        `On ${moment(at)}, a change of the email address of your account at ${appName} was requested ${by(from)}. The account will use ${maskedEmail(newEmail)} once that address is confirmed.`,
        `If this was not you, you can stop the change until ${moment(expiresAt)}.`,
      ],
      button: 'Stop the change',
      footnote: 'If this was you, you do not need to do anything.',
    }),
    'email-changed': ({ at, from, newEmail, expiresAt }, { appName }) => ({
      title: 'Your email address was changed',
      paragraphs: [
        `The email address of your account at ${appName} was changed to ${maskedEmail(newEmail)} on ${moment(at)} ${by(from)}.`,
        `If this was not you, you can undo the change until ${moment(expiresAt)}.`,
      ],
      button: 'Undo the change',
      footnote: 'If this was you, you do not need to do anything.',
    }),
    'email-change-undone': ({ at, from, email }, { appName }) => ({
      title: 'Your email address change was undone',
      paragraphs: [
        `The change was undone on ${moment(at)} ${by(from)}. The account at ${appName} uses ${maskedEmail(email)} again.`,
        'All sessions were signed out, and the password was removed.',
      ],
      footnote:
        'If that address is not yours, you can no longer use the account with this address.',
    }),
    'security-change-undone': (values, { appName }) => ({
      title: 'A change to your account was undone',
      paragraphs: [
        `A change to your account at ${appName} was undone on ${moment(values.at)} ${by(values.from)}, with the link in a mail about that change. The email address of the account is ${maskedEmail(values.email)}.`,
        'All sessions were signed out, and the password was removed. To set a new one, request a password reset for the email address of the account.',
        ...listed('Removed:', values.undone),
        ...listed('Restored:', values.restored),
        ...listed(
          'Older, used in one of the sessions that were signed out, and still active. Remove what is not yours:',
          values.stays,
        ),
        ...openNotice(values.openChanges),
      ],
      links: values.openChanges.map(undoWords),
      footnote:
        'If this was not you, someone else can read your mail. Secure your mailbox first, then request a password reset for the email address of the account.',
    }),
    'address-held': ({ at, from, openChanges }, { appName }) => ({
      title: 'This email address is reserved for an account',
      paragraphs: [
        `On ${moment(at)}, ${triedToUse(from, appName)}. Nothing was changed: an account that had this address recently can still get it back with the links below.`,
        'If that account is yours, use a link to get the address back. If you want to use the address for another account, try again after the links have expired.',
      ],
      links: openChanges.map(undoWords),
      footnote: 'Nothing happens until a link is used.',
    }),
    'new-device-sign-in': ({ at, from }, { appName }) => ({
      title: 'New sign-in to your account',
      paragraphs: [
        `Your account at ${appName} was signed in to on ${moment(at)} ${by(from)}. This is the first sign-in from there.`,
      ],
      footnote: `If this was you, you do not need to do anything. ${NOT_YOU_SIGNED_IN}`,
    }),
    'signed-in-after-failures': ({ at, from, failures }, { appName }) => ({
      title: 'Sign-in after failed attempts',
      paragraphs: [
        `Your account at ${appName} was signed in to on ${moment(at)} ${by(from)}, after ${failures} failed attempts.`,
      ],
      footnote: `If all of these attempts were yours, you do not need to do anything. ${NOT_YOU_SIGNED_IN}`,
    }),
    'sessions-ended-by-reuse': ({ at, from }, { appName }) => ({
      title: 'You were signed out for your security',
      paragraphs: [
        `On ${moment(at)}, a session key of your account at ${appName} that had already been replaced was used again ${by(from)}. Someone may have copied it, so that session was signed out. Sign in again where you need it.`,
      ],
      footnote: 'If it happens again, reset your password. A reset signs you out everywhere.',
    }),
    'second-factor-failed': ({ at, from }, { appName }) => ({
      title: 'Someone knows your password',
      paragraphs: [
        `On ${moment(at)}, someone used your correct password at ${appName} ${by(from)} but could not complete the second step. Nobody was signed in.`,
      ],
      footnote: `If you mistyped a code, you do not need to do anything. ${NOT_YOU}`,
    }),
    'mfa-email-code': ({ from }, { appName }) => ({
      title: 'Your code',
      paragraphs: [
        `Enter this code at ${appName} and nowhere else. ${appName} will never ask you for it by phone, mail or message.`,
      ],
      footnote: `${requested(from)} ${NOT_YOU}`,
    }),
    'mfa-enabled': ({ at, from, method, url, expiresAt }, { appName }) => ({
      title: 'Two-step verification method added',
      paragraphs: [
        `${METHODS[method]} was added to the two-step verification of your account at ${appName} on ${moment(at)} ${by(from)}.`,
      ],
      button: UNDO_BUTTON,
      footnote: undoFootnote(url, expiresAt),
    }),
    'mfa-disabled': ({ at, from, method }, { appName }) => ({
      title: 'Two-step verification method removed',
      paragraphs: [
        `${METHODS[method]} was removed from the two-step verification of your account at ${appName} on ${moment(at)} ${by(from)}.`,
      ],
      footnote: notByYou(from),
    }),
    'backup-code-used': ({ at, from, remaining }, { appName }) => ({
      title: 'A backup code was used',
      paragraphs: [
        `A backup code of your account at ${appName} was used on ${moment(at)} ${by(from)}.`,
        left(remaining),
      ],
      footnote: NOT_YOU,
    }),
    'backup-codes-regenerated': ({ at, from, url, expiresAt }, { appName }) => ({
      title: 'New backup codes were created',
      paragraphs: [
        `A new set of backup codes was created for your account at ${appName} on ${moment(at)} ${by(from)}.`,
        'The old codes no longer work.',
      ],
      button: UNDO_BUTTON,
      footnote: undoFootnote(url, expiresAt),
    }),
    'backup-codes-low': ({ remaining }, { appName }) => ({
      title: 'You are running out of backup codes',
      paragraphs: [
        left(remaining),
        `Create a new set at ${appName} while you can still sign in. It replaces the old one.`,
      ],
      footnote: 'Without your second step and without a backup code you cannot sign in.',
    }),
    'identity-linked': ({ at, from, provider, url, expiresAt }, { appName }) => ({
      title: `${provider} was linked to your account`,
      paragraphs: [
        `${provider} was linked to your account at ${appName} on ${moment(at)} ${by(from)}. It can now be used to sign in.`,
      ],
      button: UNDO_BUTTON,
      footnote: undoFootnote(url, expiresAt),
    }),
    'account-made-by-provider': ({ at, from, provider, url, expiresAt }, { appName }) => ({
      title: `Your account at ${appName}`,
      paragraphs: [
        `An account at ${appName} was created for this email address with ${provider} on ${moment(at)} ${by(from)}. ${provider} can be used to sign in to it.`,
      ],
      button: UNDO_BUTTON,
      footnote: undoFootnote(url, expiresAt),
    }),
    'identity-unlinked': ({ at, from, provider }, { appName }) => ({
      title: `${provider} was unlinked from your account`,
      paragraphs: [
        `${provider} was unlinked from your account at ${appName} on ${moment(at)} ${by(from)}. It can no longer be used to sign in.`,
      ],
      footnote: notByYou(from),
    }),
    'passkey-added': ({ at, from, name, alsoSecondFactor, url, expiresAt }, { appName }) => ({
      title: 'A passkey was added to your account',
      paragraphs: [
        `${passkeyNamed(name, 'The', 'A')} was added to your account at ${appName} on ${moment(at)} ${by(from)}. It can now be used to sign in, without a password and without a second step. All other devices were signed out.`,
        ...(alsoSecondFactor
          ? ['Signing in with a password now asks for a passkey as the second step.']
          : []),
      ],
      button: UNDO_BUTTON,
      footnote: undoFootnote(url, expiresAt),
    }),
    'passkey-removed': ({ at, from, name }, { appName }) => ({
      title: 'A passkey was removed from your account',
      paragraphs: [
        `${passkeyNamed(name, 'The', 'A')} was removed from your account at ${appName} on ${moment(at)} ${by(from)}. It can no longer be used to sign in. All other devices were signed out.`,
      ],
      footnote: notByYou(from),
    }),
    'passkey-counter-alarm': ({ at, from, name }, { appName }) => ({
      title: 'One of your passkeys may have been copied',
      paragraphs: [
        `On ${moment(at)}, ${passkeyNamed(name, 'the', 'a')} was rejected at ${appName} ${by(from)}. The security key counts its signatures, and this count was not higher than the last one. That happens if somebody has a copy of the key.`,
        'If you just used this security key yourself, remove the passkey from your account and add it again. Otherwise remove it now and sign in another way.',
      ],
      footnote: NOT_YOU,
    }),
    invitation: ({ name, expiresAt }, { appName }) => ({
      title: `You are invited to ${appName}`,
      paragraphs: [
        `${greeting(name)} an administrator of ${appName} has invited you. Choose a password to open your account.`,
        `The link works once and expires on ${moment(expiresAt)}. A later invitation replaces this one.`,
      ],
      button: 'Accept invitation',
      footnote:
        'If you do not know why you got this mail, ignore it. Nothing happens unless the link is used.',
    }),
    'account-deleted': ({ at }, { appName }) => ({
      title: 'Your account was deleted',
      paragraphs: [`Your account at ${appName} and all its data were deleted on ${moment(at)}.`],
      footnote: `This cannot be undone. You can sign up at ${appName} again at any time.`,
    }),
  },
};

function notByYou(from: MailOrigin): string {
  return from.isAdministrator
    ? 'If you did not expect this, ask the people who run the service.'
    : NOT_YOU;
}

const UNDO_BUTTON = 'This was not me: undo';

function undoFootnote(url: string | null, expiresAt: Date | null): string {
  if (url === null || expiresAt === null) return UNPROVEN_NOT_YOU;
  return `If this was you, you do not need to do anything. If not, undo the change with the link until ${moment(expiresAt)}. The link first shows what will be removed. Undoing signs you out everywhere and removes the password and everything else that the same person added.`;
}

function openNotice(open: readonly MailedChange[]): string[] {
  return open.length === 0
    ? []
    : ['These changes are recent. Undo any that you did not make yourself with the links below.'];
}

function undoWords(change: MailedChange & { readonly expiresAt: Date }): string {
  return `Undo until ${moment(change.expiresAt)}: ${changeWords(change)}`;
}

function listed(heading: string, changes: readonly MailedChange[]): string[] {
  return changes.length === 0 ? [] : [`${heading} ${changes.map(changeWords).join('; ')}.`];
}

/** Describes one change in a few words. `type` is the type of its audit event. */
function changeWords({ type, at, detail }: MailedChange): string {
  return `${whatChanged(type, detail)}, ${moment(at)}`;
}

function whatChanged(type: string, detail: string | null): string {
  switch (type) {
    case 'IDENTITY_LINKED':
      return `${detail ?? 'account at a provider'} linked`;
    case 'PASSKEY_ADDED':
      return `${passkeyNamed(detail, '', '').trim()} added`;
    case 'MFA_ENABLED':
      if (detail === 'PASSKEY') return 'passkeys added as a second step';
      return detail === 'EMAIL' ? 'codes by email added' : 'authenticator app added';
    case 'BACKUP_CODES_GENERATED':
      return 'backup codes created';
    case 'EMAIL_CHANGED':
      return `email address changed to ${detail ?? 'another one'}`;
    case 'EMAIL_CHANGE_REQUESTED':
      return `change of email address to ${detail ?? 'another one'} requested`;
    default:
      return 'password set';
  }
}

/** The name may have been typed by somebody else, so only a plain one is shown. */
function passkeyNamed(name: string | null, definite: string, indefinite: string): string {
  const plain = plainLabel(name);
  return plain ? `${definite} passkey “${plain}”` : `${indefinite} passkey`;
}

/** Always in UTC: the server does not know the reader's time zone, and a name is clearer than an offset. */
function moment(at: Date): string {
  const { date, time } = dateFormats();
  return `${date.format(at)}, ${time.format(at)} UTC`;
}

function greeting(name: string | null): string {
  const plain = plainName(name);
  return plain ? `Hello ${plain},` : 'Hello,';
}

function requested(from: MailOrigin): string {
  return `Requested ${by(from)}.`;
}

function triedToUse(from: MailOrigin, appName: string): string {
  const act = `tried to use this email address at ${appName}`;
  return from.isAdministrator ? `an administrator ${act}` : `someone ${act} ${by(from)}`;
}

function by(from: MailOrigin): string {
  if (from.isAdministrator) return 'by an administrator';
  const { browser, system } = describeDevice(from.userAgent);
  const device = [browser, system].filter((part) => part !== null).join(' on ');
  const ipAddress = plainIpAddress(from.ipAddress);
  const place = ipAddress ? `the IP address ${ipAddress}` : 'an unknown IP address';
  return device ? `from ${place} with ${device}` : `from ${place}`;
}

function left(remaining: number): string {
  if (remaining === 0) return 'You have no backup codes left.';
  return remaining === 1
    ? 'You have 1 backup code left.'
    : `You have ${remaining} backup codes left.`;
}
