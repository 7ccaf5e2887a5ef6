import type { Config } from '../../config.ts';
import { builder } from '../../graphql/builder.ts';
import { OAuthProviderType } from '../../proofs/oauth/graphql.ts';
import { PASSWORD_MAX_LENGTH } from '../../proofs/password/policy.ts';
import { MfaMethodType } from '../../proofs/second-factor/graphql.ts';
import { SECOND_FACTOR_METHODS } from '../../proofs/second-factor/method.ts';

const AuthSettings = builder.objectRef<Config>('AuthSettings').implement({
  description: 'What this server offers, for building a sign-in page.',
  fields: (t) => ({
    passwordMinLength: t.int({
      description: 'The fewest characters a new password may have.',
      resolve: (config) => config.password.minLength,
    }),
    passwordMaxLength: t.int({
      description: 'The most characters a password may have.',
      resolve: () => PASSWORD_MAX_LENGTH,
    }),
    emailVerificationRequired: t.boolean({
      description: 'True when an address must be proven before its account can sign in.',
      resolve: (config) => config.emailVerification === 'required',
    }),
    mfaMethods: t.field({
      type: [MfaMethodType],
      description: 'The second factors this server can check.',
      resolve: () => [...SECOND_FACTOR_METHODS],
    }),
    mfaRequired: t.boolean({
      description:
        'True when everybody needs a second factor. A sign-in without one is then a session that can only set one up: see `MfaStatus.enrollmentRequired`.',
      resolve: (config) => config.mfaRequired,
    }),
    oauthProviders: t.field({
      type: [OAuthProviderType],
      description: 'The providers people can sign in with.',
      resolve: (config) => [...config.oauth.providers],
    }),
  }),
});

builder.queryField('authSettings', (t) =>
  t.field({
    type: AuthSettings,
    description: 'What this server offers, for building a sign-in page.',
    resolve: (_root, _args, { deps }) => deps.config,
  }),
);
