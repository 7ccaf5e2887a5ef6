import { builder } from '../../graphql/builder.ts';
import { ErrorInterface } from '../../graphql/errors.ts';
import {
  ChallengeExpiredError,
  InvalidCodeError,
  MfaAlreadyEnabledError,
  MfaNotEnabledError,
} from './errors.ts';

export const MfaMethodType = builder.enumType('MfaMethod', {
  description: 'A way to prove a second factor.',
  values: {
    TOTP: { description: 'The 6 digits an authenticator app shows now (RFC 6238).' },
    EMAIL: { description: 'The 8 digits of a mail: ask for it with `sendMfaEmailCode`.' },
    BACKUP_CODE: {
      description: 'One of the ten codes shown when the first factor was enabled. Each works once.',
    },
    PASSKEY: { description: 'A passkey. Not offered by this server yet.' },
  } as const,
});

builder.objectType(InvalidCodeError, {
  name: 'InvalidCodeError',
  description:
    'The code is wrong, spent or over, or of a method this person does not have: one answer for all.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    attemptsRemaining: t.exposeInt('attemptsRemaining', {
      nullable: true,
      description: 'How many tries are left; null where they are not counted one by one.',
    }),
  }),
});

builder.objectType(ChallengeExpiredError, {
  name: 'ChallengeExpiredError',
  description:
    'The challenge is over after five minutes, five tries, one success or a change of the password. Sign in again.',
  interfaces: [ErrorInterface],
});

builder.objectType(MfaAlreadyEnabledError, {
  name: 'MfaAlreadyEnabledError',
  description: 'This second factor is already enabled. Disable it first to set it up anew.',
  interfaces: [ErrorInterface],
});

builder.objectType(MfaNotEnabledError, {
  name: 'MfaNotEnabledError',
  description: 'There is no such second factor, or nothing waits to be confirmed any more.',
  interfaces: [ErrorInterface],
});
