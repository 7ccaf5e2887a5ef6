import { builder } from '../../graphql/builder.ts';
import { ErrorInterface } from '../../graphql/errors.ts';
import type { OAuthBrand } from '../../settings/provider.ts';
import { OAuthCancelledError, OAuthFailedError } from './errors.ts';

const OAuthBrandType = builder.enumType('OAuthBrand', {
  description: 'A brand whose mark a button can show.',
  values: {
    APPLE: { description: 'Apple.' },
    DISCORD: { description: 'Discord.' },
    FACEBOOK: { description: 'Facebook.' },
    GITHUB: { description: 'GitHub.' },
    GITLAB: { description: 'GitLab.' },
    GOOGLE: { description: 'Google.' },
    LINKEDIN: { description: 'LinkedIn.' },
    MICROSOFT: { description: 'Microsoft.' },
    SLACK: { description: 'Slack.' },
    TWITCH: { description: 'Twitch.' },
    X: { description: 'X, formerly Twitter.' },
  } satisfies Record<OAuthBrand, object>,
});

export const OAuthProviderType = builder
  .objectRef<{ readonly id: string; readonly name: string; readonly brand: OAuthBrand | null }>(
    'OAuthProvider',
  )
  .implement({
    description: 'A provider that people can sign in with.',
    fields: (t) => ({
      id: t.exposeID('id', {
        description: 'The id of the provider. Pass it to `startOAuth` as `provider`.',
      }),
      name: t.exposeString('name', { description: 'The name of the provider, for a button.' }),
      brand: t.expose('brand', {
        type: OAuthBrandType,
        nullable: true,
        description:
          'The brand whose mark the button shows. Null for a provider without a known one.',
      }),
    }),
  });

builder.objectType(OAuthCancelledError, {
  name: 'OAuthCancelledError',
  description:
    'The person canceled at the provider, or the provider did not let them continue. The configuration is fine: offer the ways of signing in again.',
  interfaces: [ErrorInterface],
});

const OAuthFailureReasonType = builder.enumType('OAuthFailureReason', {
  description:
    'Why an account at a provider cannot be used to sign up. The person can change this at the provider, or sign up with their address and link the provider afterwards.',
  values: {
    EMAIL_MISSING: { description: 'The provider reported no email address.' },
    EMAIL_NOT_VERIFIED: {
      description: 'The provider does not confirm that the email address belongs to the person.',
    },
  } as const,
});

/** The reasons that a client learns. They concern the person's own account at the provider and no account here. */
const SHOWN_REASONS = {
  'no-email': 'EMAIL_MISSING',
  'email-not-verified': 'EMAIL_NOT_VERIFIED',
} as const;

const isShown = (reason: string): reason is keyof typeof SHOWN_REASONS =>
  Object.hasOwn(SHOWN_REASONS, reason);

builder.objectType(OAuthFailedError, {
  name: 'OAuthFailedError',
  description:
    'Signing in with the provider failed. The reasons are an error from the provider (except a cancellation: OAuthCancelledError), a callback that belongs to no flow of this browser, an invalid ID token, or an email address that the provider has not verified. Except for `reason`, the answer is the same in all cases; the server’s log and audit log contain the reason.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    reason: t.field({
      type: OAuthFailureReasonType,
      nullable: true,
      description:
        'Set if a person without an account cannot get one through this provider. Null for every other failure.',
      resolve: ({ reason }) => (isShown(reason) ? SHOWN_REASONS[reason] : null),
    }),
  }),
});
