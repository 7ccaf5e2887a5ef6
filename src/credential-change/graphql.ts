import { builder } from '../graphql/builder.ts';
import { ErrorInterface } from '../graphql/errors.ts';
import { LastCredentialError } from './ways-in.ts';

builder.objectType(LastCredentialError, {
  name: 'LastCredentialError',
  description:
    'This is the only way to sign in to the account. Set a password (with a password reset) or add another way first.',
  interfaces: [ErrorInterface],
});
