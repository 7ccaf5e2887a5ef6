import { builder } from '../../graphql/builder.ts';
import { ErrorInterface } from '../../graphql/errors.ts';
import { InvalidCredentialsError, WeakPasswordError } from './errors.ts';

const PasswordWeakness = builder.enumType('PasswordWeakness', {
  description: 'Why a new password is refused.',
  values: {
    TOO_SHORT: { description: 'Fewer characters than `authSettings.passwordMinLength`.' },
    TOO_LONG: { description: 'More characters than `authSettings.passwordMaxLength`.' },
    COMMON: { description: 'Among the passwords people use most: guessed first.' },
    BREACHED: { description: 'Found in a published breach.' },
    CONTAINS_PERSONAL_DATA: {
      description: 'Little more than the person’s address or name, or the service’s own name.',
    },
  } as const,
});

builder.objectType(WeakPasswordError, {
  name: 'WeakPasswordError',
  description: 'The new password would be guessed. Nothing was changed.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    reasons: t.field({
      type: [PasswordWeakness],
      description: 'Everything that is wrong with it.',
      resolve: (error) => [...error.reasons],
    }),
  }),
});

builder.objectType(InvalidCredentialsError, {
  name: 'InvalidCredentialsError',
  description:
    'The address or the password is not right, or there is no such account, or it has no password: one answer for all.',
  interfaces: [ErrorInterface],
});
