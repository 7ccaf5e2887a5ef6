import { describeDevice } from '../device.ts';
import type { MailedChange, MailOrigin, MailValues } from '../messages.ts';
import { maskedEmail, plainIpAddress, plainName } from '../strangers.ts';
import type { Language } from './language.ts';

type Formats = { readonly date: Intl.DateTimeFormat; readonly time: Intl.DateTimeFormat };

let formats: Formats | undefined;

/** Made for the first mail: to make one takes as long as many modules, and no start needs it (0021). */
function dateFormats(): Formats {
  formats ??= {
    date: new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' }),
    time: new Intl.DateTimeFormat('en-GB', { timeStyle: 'short', timeZone: 'UTC' }),
  };
  return formats;
}

const METHODS: Record<MailValues<'mfa-enabled'>['method'], string> = {
  totp: 'An authenticator app',
  email: 'A code by email',
};

const NOT_YOU =
  'If this was not you, reset your password: that ends every session. The mail about the reset lists what was added to your account lately, with links that undo it.';
const NOT_YOU_SIGNED_IN = `${NOT_YOU} A reset does not keep out somebody who signs in with a linked account: unlink that account as well.`;

/** An address that never proved itself gets no link; there a reset removes all that was set up before. */
const UNPROVEN_NOT_YOU =
  'If this was not you, reset your password: whatever was set up before this address was confirmed is then removed.';
const IGNORE = 'If you did not ask for this, ignore this mail: nothing changes unless it is used.';

/** English. */
export const english: Language = {
  tag: 'en',
  code: (codeExpiresAt) => `Your code, good until ${moment(codeExpiresAt)}:`,
  codeInstead: (codeExpiresAt) => `Or enter this code, good until ${moment(codeExpiresAt)}:`,
  linkInstead: 'If the button does not work, open this address:',
  sentBy: ({ appName }) => `Sent by ${appName} because this address was used there.`,
  messages: {
    'verify-email': ({ name, expiresAt, from }, { appName }) => ({
      title: 'Confirm your email address',
      paragraphs: [
        `${greeting(name)} confirm this address to finish signing up at ${appName}.`,
        `The link works once, until ${moment(expiresAt)}.`,
      ],
      button: 'Confirm address',
      footnote: `${requested(from)} ${IGNORE}`,
    }),
    'prove-address': ({ expiresAt, from }, { appName }) => ({
      title: 'Confirm your email address',
      paragraphs: [
        `Confirm this address and choose a password to finish signing up at ${appName}.`,
        `The link works once, until ${moment(expiresAt)}.`,
      ],
      button: 'Confirm address',
      footnote: `${requested(from)} ${IGNORE}`,
    }),
    'earlier-claim-removed': ({ at, from }, { appName }) => ({
      title: 'Your address was confirmed',
      paragraphs: [
        `On ${moment(at)} this address was confirmed ${by(from)}, for the first time. An account at ${appName} had used the address before without confirming it.`,
        'The account is yours now. The password, the sessions, the second factors and the linked accounts that it had before were removed.',
      ],
      footnote: 'If you set them up yourself, set them up again. Otherwise there is nothing to do.',
    }),
    'already-registered': ({ from }, { appName }) => ({
      title: 'You already have an account',
      paragraphs: [
        `Somebody, probably you, tried to sign up at ${appName} with this address. It already has an account, so nothing was changed.`,
        'Sign in with your password. If you have forgotten it, ask for a new one there.',
      ],
      button: 'Sign in',
      footnote: `${requested(from)} If it was not you, there is nothing to do.`,
    }),
    'reset-password': ({ expiresAt, from }, { appName }) => ({
      title: 'Reset your password',
      paragraphs: [
        `Choose a new password for your account at ${appName}.`,
        `The link works once, until ${moment(expiresAt)}. A new password ends every session.`,
        'The code works only in the browser where the new password was asked for.',
      ],
      button: 'Choose a new password',
      footnote: `${requested(from)} ${IGNORE}`,
    }),
    'password-changed': ({ at, from }, { appName }) => ({
      title: 'Your password was changed',
      paragraphs: [
        `The password of your account at ${appName} was changed on ${moment(at)} ${by(from)}.`,
        'Every other session was ended.',
      ],
      footnote: NOT_YOU,
    }),
    'password-reset-done': ({ at, from, url, expiresAt, openChanges }, { appName }) => ({
      title: 'Your password was reset',
      paragraphs: [
        `The password of your account at ${appName} was reset on ${moment(at)} ${by(from)}.`,
        'Every session was ended: sign in with the new password.',
        ...openNotice(openChanges),
      ],
      button: UNDO_BUTTON,
      links: openChanges.map(undoWords),
      footnote: url === null ? NOT_YOU : undoFootnote(url, expiresAt),
    }),
    'confirm-email-change': ({ expiresAt }, { appName }) => ({
      title: 'Confirm your new email address',
      paragraphs: [
        `Confirm that your account at ${appName} is to use this address from now on.`,
        `The link works once, until ${moment(expiresAt)}.`,
      ],
      button: 'Use this address',
      footnote: IGNORE,
    }),
    'email-change-requested': ({ at, from, newEmail, expiresAt }, { appName }) => ({
      title: 'Your email address is about to change',
      paragraphs: [
        `On ${moment(at)} it was asked ${by(from)} that your account at ${appName} use ${maskedEmail(newEmail)} instead of this address. The change takes effect once that address is confirmed.`,
        `If it was not you, stop it here, until ${moment(expiresAt)}.`,
      ],
      button: 'Stop the change',
      footnote: 'If it was you, there is nothing to do.',
    }),
    'email-changed': ({ at, from, newEmail, expiresAt }, { appName }) => ({
      title: 'Your email address was changed',
      paragraphs: [
        `Since ${moment(at)} your account at ${appName} uses ${maskedEmail(newEmail)} instead of this address. The change was made ${by(from)}.`,
        `If it was not you, undo it here, until ${moment(expiresAt)}.`,
      ],
      button: 'Undo the change',
      footnote: 'If it was you, there is nothing to do.',
    }),
    'email-change-undone': ({ at, from, email }, { appName }) => ({
      title: 'The change of your email address was undone',
      paragraphs: [
        `On ${moment(at)} the change was undone ${by(from)}: the account at ${appName} uses ${maskedEmail(email)} again.`,
        'Every session was ended, and the password was removed.',
      ],
      footnote: 'If that address is not yours, the account can no longer be used from this one.',
    }),
    'security-change-undone': (values, { appName }) => ({
      title: 'A change to your account was undone',
      paragraphs: [
        `On ${moment(values.at)} somebody used the link of a mail about a change to your account at ${appName} ${by(values.from)} and undid that change. The address of the account is ${maskedEmail(values.email)}.`,
        'Every session was ended and the password was removed. A password reset for the address of the account sets a new one.',
        ...listed('Removed:', values.undone),
        ...listed('Restored:', values.restored),
        ...listed(
          'Older, used in one of the sessions that were ended, and still there. Remove what is not yours:',
          values.stays,
        ),
        ...openNotice(values.openChanges),
      ],
      links: values.openChanges.map(undoWords),
      footnote:
        'If this was not you, somebody else can read your mail: secure your mailbox first, then ask for a password reset for the address of the account.',
    }),
    'address-held': ({ at, from, openChanges }, { appName }) => ({
      title: 'This address is kept for an account',
      paragraphs: [
        `On ${moment(at)} somebody asked to use this address at ${appName} ${by(from)}. Nothing was changed: an account that had this address recently can still take it back with the links below.`,
        'If that account is yours, take it back. If you want to use the address for something else, try again when the links have expired.',
      ],
      links: openChanges.map(undoWords),
      footnote: 'Nothing happens until a link is used.',
    }),
    'new-device-sign-in': ({ at, from }, { appName }) => ({
      title: 'New sign-in to your account',
      paragraphs: [
        `Your account at ${appName} was signed in to on ${moment(at)} ${by(from)}, for the first time from there.`,
      ],
      footnote: `If it was you, there is nothing to do. ${NOT_YOU_SIGNED_IN}`,
    }),
    'signed-in-after-failures': ({ at, from, failures }, { appName }) => ({
      title: 'Sign-in after failed attempts',
      paragraphs: [
        `Your account at ${appName} was signed in to on ${moment(at)} ${by(from)}, after ${failures} failed attempts.`,
      ],
      footnote: `If it was you all along, there is nothing to do. ${NOT_YOU_SIGNED_IN}`,
    }),
    'sessions-ended-by-reuse': ({ at, from }, { appName }) => ({
      title: 'A session of yours was ended',
      paragraphs: [
        `On ${moment(at)} a session of your account at ${appName} was continued ${by(from)} with a key that had been replaced before. A copy of it may be in the wrong hands, so that session was ended. Sign in again where you need it.`,
      ],
      footnote: `If it happens again, reset your password: that ends every session.`,
    }),
    'second-factor-failed': ({ at, from }, { appName }) => ({
      title: 'Somebody knows your password',
      paragraphs: [
        `On ${moment(at)} your right password was given at ${appName} ${by(from)}, but not your second factor. Nobody was signed in.`,
      ],
      footnote: `If you mistyped a code, there is nothing to do. ${NOT_YOU}`,
    }),
    'mfa-email-code': ({ from }, { appName }) => ({
      title: 'Your code',
      paragraphs: [
        `Enter this code at ${appName}, and nowhere else. Nobody from ${appName} will ever ask you for it.`,
      ],
      footnote: `${requested(from)} ${NOT_YOU}`,
    }),
    'mfa-enabled': ({ at, from, method, url, expiresAt }, { appName }) => ({
      title: 'A second factor was added',
      paragraphs: [
        `${METHODS[method]} was added as a second factor of your account at ${appName} on ${moment(at)} ${by(from)}.`,
      ],
      button: UNDO_BUTTON,
      footnote: undoFootnote(url, expiresAt),
    }),
    'mfa-disabled': ({ at, from, method }, { appName }) => ({
      title: 'A second factor was removed',
      paragraphs: [
        `${METHODS[method]} was removed from the second factors of your account at ${appName} on ${moment(at)} ${by(from)}.`,
      ],
      footnote: NOT_YOU,
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
      title: 'New backup codes were made',
      paragraphs: [
        `A new set of backup codes of your account at ${appName} was made on ${moment(at)} ${by(from)}.`,
        'The earlier codes no longer work.',
      ],
      button: UNDO_BUTTON,
      footnote: undoFootnote(url, expiresAt),
    }),
    'backup-codes-low': ({ remaining }, { appName }) => ({
      title: 'Few backup codes left',
      paragraphs: [
        left(remaining),
        `Make a new set at ${appName} while you can sign in; it replaces the old one.`,
      ],
      footnote: 'Without a second factor and without a backup code you cannot sign in.',
    }),
    'identity-linked': ({ at, from, provider, url, expiresAt }, { appName }) => ({
      title: `${provider} was linked to your account`,
      paragraphs: [
        `Since ${moment(at)} your account at ${appName} can be signed in to with ${provider}. It was linked ${by(from)}.`,
      ],
      button: UNDO_BUTTON,
      footnote: undoFootnote(url, expiresAt),
    }),
    'account-made-by-provider': ({ at, from, provider, url, expiresAt }, { appName }) => ({
      title: `Your account at ${appName}`,
      paragraphs: [
        `An account at ${appName} was made for this address on ${moment(at)} ${by(from)}, with ${provider}. It can be signed in to with ${provider}.`,
      ],
      button: UNDO_BUTTON,
      footnote: undoFootnote(url, expiresAt),
    }),
    'identity-unlinked': ({ at, from, provider }, { appName }) => ({
      title: `${provider} was unlinked from your account`,
      paragraphs: [
        `Since ${moment(at)} your account at ${appName} can no longer be signed in to with ${provider}. It was unlinked ${by(from)}.`,
      ],
      footnote: NOT_YOU,
    }),
    'account-deleted': ({ at }, { appName }) => ({
      title: 'Your account was deleted',
      paragraphs: [
        `Your account at ${appName} and what was stored with it were deleted on ${moment(at)}.`,
      ],
      footnote: `This cannot be undone. You can sign up at ${appName} again at any time.`,
    }),
  },
};

const UNDO_BUTTON = 'This was not me: undo it';

function undoFootnote(url: string | null, expiresAt: Date | null): string {
  if (url === null || expiresAt === null) return UNPROVEN_NOT_YOU;
  return `If this was you, there is nothing to do. If not, undo it with the link, until ${moment(expiresAt)}: it shows what will be removed before anything is. It ends every session, and removes the password and what else the same person added.`;
}

function openNotice(open: readonly MailedChange[]): string[] {
  return open.length === 0
    ? []
    : ['These changes are recent. Undo whatever you did not do yourself, with the links below.'];
}

function undoWords(change: MailedChange & { readonly expiresAt: Date }): string {
  return `Undo, until ${moment(change.expiresAt)}: ${changeWords(change)}`;
}

function listed(heading: string, changes: readonly MailedChange[]): string[] {
  return changes.length === 0 ? [] : [`${heading} ${changes.map(changeWords).join('; ')}.`];
}

/** One change in a few words. `type` is that of its event. */
function changeWords({ type, at, detail }: MailedChange): string {
  return `${whatChanged(type, detail)}, ${moment(at)}`;
}

function whatChanged(type: string, detail: string | null): string {
  switch (type) {
    case 'IDENTITY_LINKED':
      return `${detail ?? 'an account at a provider'} linked`;
    case 'MFA_ENABLED':
      return detail === 'EMAIL' ? 'codes by email added' : 'an authenticator app added';
    case 'BACKUP_CODES_GENERATED':
      return 'backup codes made';
    case 'EMAIL_CHANGED':
      return `email address changed to ${detail ?? 'another one'}`;
    case 'EMAIL_CHANGE_REQUESTED':
      return `change of the email address to ${detail ?? 'another one'} asked for`;
    default:
      return 'password set';
  }
}

/** One zone for all: the server does not know the reader's, and a name beats an offset. */
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

function by(from: MailOrigin): string {
  const { browser, system } = describeDevice(from.userAgent);
  const device = [browser, system].filter((part) => part !== null).join(' on ');
  const ipAddress = plainIpAddress(from.ipAddress);
  const place = ipAddress ? `the IP address ${ipAddress}` : 'an unknown address';
  return device ? `from ${place} with ${device}` : `from ${place}`;
}

function left(remaining: number): string {
  if (remaining === 0) return 'You have no backup codes left.';
  return remaining === 1
    ? 'You have 1 backup code left.'
    : `You have ${remaining} backup codes left.`;
}
