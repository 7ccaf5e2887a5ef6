import { builder } from '../../graphql/builder.ts';
import { ErrorInterface } from '../../graphql/errors.ts';
import { OAuthCancelledError, OAuthFailedError } from './errors.ts';

export const OAuthProviderType = builder
  .objectRef<{ readonly id: string; readonly name: string }>('OAuthProvider')
  .implement({
    description: 'A provider that people can sign in with.',
    fields: (t) => ({
      id: t.exposeID('id', {
        description: 'The id of the provider. Pass it to `startOAuth` as `provider`.',
      }),
      name: t.exposeString('name', { description: 'The name of the provider, for a button.' }),
    }),
  });

builder.objectType(OAuthCancelledError, {
  name: 'OAuthCancelledError',
  description:
    'The person canceled at the provider, or the provider did not let them continue. The configuration is fine: offer the ways of signing in again.',
  interfaces: [ErrorInterface],
});

builder.objectType(OAuthFailedError, {
  name: 'OAuthFailedError',
  description:
    'Signing in with the provider failed. The reasons are an error from the provider (except a cancellation: OAuthCancelledError), a callback that belongs to no flow of this browser, an invalid ID token, or an email address that the provider has not verified. The answer is the same in all cases; the server’s log and audit log contain the reason.',
  interfaces: [ErrorInterface],
});
