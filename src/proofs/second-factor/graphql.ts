import { builder } from '../../graphql/builder.ts';
import { ErrorInterface } from '../../graphql/errors.ts';
import {
  ChallengeExpiredError,
  InvalidCodeError,
  MailboxOnlyError,
  MfaAlreadyEnabledError,
  MfaNotEnabledError,
} from './errors.ts';

export const MfaMethodType = builder.enumType('MfaMethod', {
  description: 'A kind of second factor.',
  values: {
    TOTP: { description: 'The 6 digits that an authenticator app shows now (RFC 6238).' },
    EMAIL: { description: 'The 8 digits in a mail. Request it with `sendMfaEmailCode`.' },
    BACKUP_CODE: {
      description:
        'One of the ten codes that were shown when the first second factor was enabled. Each works once.',
    },
    PASSKEY: {
      description:
        'A passkey. Its proof is not a code: call `startPasskeyMfa` and `verifyPasskeyMfa`. `verifyMfa` returns InvalidCodeError for this method.',
    },
  } as const,
});

builder.objectType(InvalidCodeError, {
  name: 'InvalidCodeError',
  description:
    'The code is wrong, was already used, has expired, or belongs to a method that this person does not have. The answer is the same in all cases.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    attemptsRemaining: t.exposeInt('attemptsRemaining', {
      nullable: true,
      description: 'The number of attempts left; null if they are not counted per challenge.',
    }),
  }),
});

builder.objectType(ChallengeExpiredError, {
  name: 'ChallengeExpiredError',
  description:
    'The challenge has ended: after five minutes, five attempts, one success or a change of the password. Sign in again.',
  interfaces: [ErrorInterface],
});

builder.objectType(MfaAlreadyEnabledError, {
  name: 'MfaAlreadyEnabledError',
  description: 'This second factor is already enabled. Disable it first to set it up again.',
  interfaces: [ErrorInterface],
});

builder.objectType(MailboxOnlyError, {
  name: 'MailboxOnlyError',
  description:
    'The mailbox is the only way to sign in to this account, so a code by email would not be a second factor. Set up an authenticator app, or first add another way to sign in.',
  interfaces: [ErrorInterface],
});

builder.objectType(MfaNotEnabledError, {
  name: 'MfaNotEnabledError',
  description: 'This second factor is not enabled, or no confirmation is pending.',
  interfaces: [ErrorInterface],
});
