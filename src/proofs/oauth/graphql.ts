import { builder } from '../../graphql/builder.ts';
import { ErrorInterface } from '../../graphql/errors.ts';
import { OAuthCancelledError, OAuthFailedError } from './errors.ts';

export const OAuthProviderType = builder
  .objectRef<{ readonly id: string; readonly name: string }>('OAuthProvider')
  .implement({
    description: 'A provider people can sign in with.',
    fields: (t) => ({
      id: t.exposeID('id', { description: 'What `startOAuth` takes as `provider`.' }),
      name: t.exposeString('name', { description: 'What a button calls it.' }),
    }),
  });

builder.objectType(OAuthCancelledError, {
  name: 'OAuthCancelledError',
  description:
    'The person gave up at the provider, or the provider did not let them through. Nothing is wrong with the set-up: offer the ways to sign in again.',
  interfaces: [ErrorInterface],
});

builder.objectType(OAuthFailedError, {
  name: 'OAuthFailedError',
  description:
    'Signing in with the provider failed: its refusal, unless the person gave up there (OAuthCancelledError), a callback that belongs to no flow of this browser, an ID token that is not good, an address the provider has not verified. One answer for all; the reason is in the server’s log and audit log.',
  interfaces: [ErrorInterface],
});
