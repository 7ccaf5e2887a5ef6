import type { Config } from '../../config.ts';
import { builder } from '../../graphql/builder.ts';
import { OAuthProviderType } from '../../proofs/oauth/graphql.ts';
import { PASSWORD_MAX_LENGTH } from '../../proofs/password/policy.ts';
import { MfaMethodType } from '../../proofs/second-factor/graphql.ts';
import { SECOND_FACTOR_METHODS } from '../../proofs/second-factor/method.ts';

const EmailSignInModeType = builder.enumType('EmailSignInMode', {
  description: 'Who can sign in by mail.',
  values: {
    OFF: { description: 'Nobody.' },
    EXISTING: { description: 'People with an account.' },
    REGISTER: { description: 'Everybody. An address without an account gets one.' },
  } as const,
});

const EMAIL_SIGN_IN_MODES = { off: 'OFF', existing: 'EXISTING', register: 'REGISTER' } as const;

const AuthSettings = builder.objectRef<Config>('AuthSettings').implement({
  description: 'What this server offers and requires, for building a sign-in page.',
  fields: (t) => ({
    passwordMinLength: t.int({
      description: 'The minimum number of characters in a new password.',
      resolve: (config) => config.password.minLength,
    }),
    passwordMaxLength: t.int({
      description: 'The maximum number of characters in a password.',
      resolve: () => PASSWORD_MAX_LENGTH,
    }),
    emailVerificationRequired: t.boolean({
      description: 'True if an email address must be verified before its account can sign in.',
      resolve: (config) => config.emailVerification === 'required',
    }),
    mfaMethods: t.field({
      type: [MfaMethodType],
      description: 'The second factors that this server supports.',
      resolve: () => [...SECOND_FACTOR_METHODS],
    }),
    mfaRequired: t.boolean({
      description:
        'True if everyone needs two-step verification. A person who signs in without a second factor then gets a session that can only set one up: see `MfaStatus.enrollmentRequired`.',
      resolve: (config) => config.mfaRequired,
    }),
    passkeys: t.boolean({
      description: 'True if people can add passkeys and sign in with them.',
      resolve: (config) => config.passkeys.enabled,
    }),
    emailSignIn: t.field({
      type: EmailSignInModeType,
      description: 'Who can sign in by mail, with `requestEmailSignIn`.',
      resolve: (config) => EMAIL_SIGN_IN_MODES[config.emailSignIn.mode],
    }),
    oauthProviders: t.field({
      type: [OAuthProviderType],
      description: 'The providers that people can sign in with.',
      resolve: (config) => [...config.oauth.providers],
    }),
  }),
});

builder.queryField('authSettings', (t) =>
  t.field({
    type: AuthSettings,
    description: 'What this server offers and requires, for building a sign-in page.',
    resolve: (_root, _args, { deps }) => deps.config,
  }),
);
