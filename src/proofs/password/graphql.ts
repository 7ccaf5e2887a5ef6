import { builder } from '../../graphql/builder.ts';
import { ErrorInterface } from '../../graphql/errors.ts';
import { InvalidCredentialsError, WeakPasswordError } from './errors.ts';

const PasswordWeakness = builder.enumType('PasswordWeakness', {
  description: 'Why a new password was rejected.',
  values: {
    TOO_SHORT: { description: 'It has fewer characters than `authSettings.passwordMinLength`.' },
    TOO_LONG: { description: 'It has more characters than `authSettings.passwordMaxLength`.' },
    COMMON: { description: 'It is one of the most common passwords, which attackers guess first.' },
    BREACHED: { description: 'It appears in a published data breach.' },
    CONTAINS_PERSONAL_DATA: {
      description:
        'It is little more than the person’s address or name, or the name of the service.',
    },
  } as const,
});

builder.objectType(WeakPasswordError, {
  name: 'WeakPasswordError',
  description: 'The new password is too easy to guess. Nothing was changed.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    reasons: t.field({
      type: [PasswordWeakness],
      description: 'Every reason why it was rejected.',
      resolve: (error) => [...error.reasons],
    }),
  }),
});

builder.objectType(InvalidCredentialsError, {
  name: 'InvalidCredentialsError',
  description:
    'The email address or the password is wrong, no such account exists, or the account has no password. The answer is the same in all cases.',
  interfaces: [ErrorInterface],
});
