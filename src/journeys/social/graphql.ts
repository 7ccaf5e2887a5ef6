import { LastCredentialError } from '../../credential-change/ways-in.ts';
import { EmailVerificationRequiredType } from '../../email-verification/graphql.ts';
import { builder } from '../../graphql/builder.ts';
import { costly } from '../../graphql/costly.ts';
import { anyone, ErrorInterface, requiresStepUp, sensitive } from '../../graphql/errors.ts';
import { idRule, tokenRule, urlRule } from '../../graphql/inputs.ts';
import { resultUnion } from '../../graphql/result.ts';
import { ownViewer, requireViewer } from '../../graphql/viewer.ts';
import {
  MfaEnrollmentRequiredError,
  NotFoundError,
  StepUpRequiredError,
} from '../../kernel/errors.ts';
import { OAuthCancelledError, OAuthFailedError } from '../../proofs/oauth/errors.ts';
import { LIMITED_CHANGE, limitedBy } from '../../rate-limit/limits.ts';
import { RULES } from '../../rate-limit/rules.ts';
import { ViewerType } from '../../session/graphql.ts';
import { applySignIn, MfaRequiredType, SignedInType } from '../../sign-in-gate/graphql.ts';
import { completeOAuth } from './complete.ts';
import { AccountLinkRequiredError } from './errors.ts';
import { IdentityType } from './identity-graphql.ts';
import type { IdentityLinked } from './link.ts';
import { type OAuthStarted, startOAuth } from './start.ts';
import { type IdentityUnlinked, unlinkIdentity } from './unlink.ts';

builder.objectType(AccountLinkRequiredError, {
  name: 'AccountLinkRequiredError',
  description:
    'An account with this address exists, and this provider is not linked to it. Sign in to the account as before, then call `startOAuth` with the access token to link the provider.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    provider: t.exposeString('provider', { description: 'The name of the provider.' }),
  }),
});

builder.objectType(LastCredentialError, {
  name: 'LastCredentialError',
  description:
    'This is the only way to sign in to the account, or the last second factor where this server requires one. Set a password (with a password reset) or add another way first.',
  interfaces: [ErrorInterface],
});

const OAuthStartedType = builder.objectRef<OAuthStarted>('OAuthStarted').implement({
  description:
    'Send the browser to `authorizationUrl`. Keep `flowToken` in that browser (session storage): it ties the provider’s answer to the browser.',
  fields: (t) => ({
    authorizationUrl: t.expose('authorizationUrl', {
      type: 'URL',
      description: 'The URL of the provider’s page, with state, nonce and PKCE challenge.',
    }),
    flowToken: t.exposeString('flowToken', {
      description: 'A secret of this browser, for `completeOAuth`. Never put it in a URL.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description: 'When the flow expires. The browser must be back by then.',
    }),
    links: t.exposeBoolean('links', {
      description:
        'True if this flow links the provider to the signed-in account. False if it signs in: the request then had no valid access token.',
    }),
  }),
});

const StartOAuthInput = builder.inputType('StartOAuthInput', {
  description: 'The provider, and where it sends the browser back to.',
  fields: (t) => ({
    provider: t.id({
      required: true,
      description: 'The `id` of one of `authSettings.oauthProviders`.',
      validate: { schema: idRule },
    }),
    redirectUri: t.field({
      type: 'URL',
      required: true,
      description:
        'One of the provider’s configured redirect URIs, compared character by character. By default APP_URL/oauth/callback/<id>.',
      validate: { schema: urlRule },
    }),
    freshLogin: t.boolean({
      description:
        'If true, the person must sign in at the provider again, and a provider that does not confirm a new sign-in is rejected. The session’s authentication is then recent (`authenticatedAt`). If false, it is as old as the sign-in at the provider, or starts now if the provider does not report it (Google).',
    }),
  }),
});

builder.mutationField('startOAuth', (t) =>
  t.errorUnionField({
    rateLimits: limitedBy(RULES.oauthStart),
    ...costly,
    description:
      'Start signing in with a provider. With an access token, start linking the provider to the signed-in account; linking requires a recent authentication (`StepUpRequiredError`).',
    types: [
      OAuthStartedType,
      NotFoundError,
      OAuthFailedError,
      StepUpRequiredError,
      MfaEnrollmentRequiredError,
      ...anyone,
    ],
    union: resultUnion('startOAuth'),
    args: {
      input: t.arg({
        type: StartOAuthInput,
        required: true,
        description: 'The provider and the redirect URI.',
      }),
    },
    resolve: async (_root, { input }, context) => {
      // A signed-in person links, unless the session has not proven a required second factor (RR-9).
      const links = (await context.isSignedIn()) && (await context.hasSteppedUp());
      const viewer = links ? await context.authentication() : null;
      const wanted = { ...input, freshLogin: input.freshLogin ?? false };
      return await startOAuth(context.deps, wanted, viewer, context.client);
    },
  }),
);

const IdentityLinkedType = builder.objectRef<IdentityLinked>('IdentityLinked').implement({
  description: 'The account at the provider was linked and can be used to sign in.',
  fields: (t) => ({
    identity: t.field({
      type: IdentityType,
      description: 'The linked account at the provider.',
      resolve: (linked) => linked.identity,
    }),
    viewer: t.field({
      type: ViewerType,
      description: 'The person it is linked to.',
      resolve: (linked) => linked.viewer,
    }),
  }),
});

const CompleteOAuthInput = builder.inputType('CompleteOAuthInput', {
  description: 'The flow token that the browser kept, and the URL it came back with.',
  fields: (t) => ({
    flowToken: t.string({
      required: true,
      description: 'The `flowToken` of `startOAuth`.',
      validate: { schema: tokenRule },
    }),
    callbackUrl: t.field({
      type: 'URL',
      required: true,
      description:
        'The whole URL that the provider sent the browser back to, with its query unchanged. A fragment is ignored. Send it also if the provider reports an error.',
      validate: { schema: urlRule },
    }),
  }),
});

builder.mutationField('completeOAuth', (t) =>
  t.errorUnionField({
    rateLimits: limitedBy(
      RULES.oauthReturn,
      RULES.mailBurst,
      RULES.mailDay,
      RULES.signInsAccount,
      RULES.signInsSource,
    ),
    ...costly,
    description:
      'Complete the flow that `startOAuth` started: sign in, or link the provider. A flow works once. To complete a link, send an access token of the session that started it.',
    types: [
      SignedInType,
      MfaRequiredType,
      EmailVerificationRequiredType,
      IdentityLinkedType,
      AccountLinkRequiredError,
      OAuthCancelledError,
      OAuthFailedError,
      MfaEnrollmentRequiredError,
      ...anyone,
    ],
    union: resultUnion('completeOAuth'),
    args: {
      input: t.arg({
        type: CompleteOAuthInput,
        required: true,
        description: 'The flow token and the callback URL.',
      }),
    },
    resolve: async (_root, { input }, context) => {
      const viewer = (await context.isSignedIn()) ? await ownViewer(context) : null;
      return applySignIn(context, await completeOAuth(context.deps, input, viewer, context.client));
    },
  }),
);

const IdentityUnlinkedType = builder.objectRef<IdentityUnlinked>('IdentityUnlinked').implement({
  description:
    'The account at the provider was unlinked and can no longer be used to sign in. Existing sessions continue.',
  fields: (t) => ({
    viewer: t.field({
      type: ViewerType,
      description: 'The person, with the remaining linked accounts.',
      resolve: (unlinked) => unlinked.viewer,
    }),
  }),
});

const UnlinkIdentityInput = builder.inputType('UnlinkIdentityInput', {
  description: 'The linked account to remove.',
  fields: (t) => ({
    identityId: t.id({
      required: true,
      description: 'The `id` of one of `viewer.identities`.',
      validate: { schema: idRule },
    }),
  }),
});

builder.mutationField('unlinkIdentity', (t) =>
  t.errorUnionField({
    rateLimits: LIMITED_CHANGE,
    description: 'Unlink an account at a provider, unless it is the only way to sign in.',
    ...requiresStepUp,
    types: [IdentityUnlinkedType, NotFoundError, LastCredentialError, ...sensitive],
    union: resultUnion('unlinkIdentity'),
    args: {
      input: t.arg({
        type: UnlinkIdentityInput,
        required: true,
        description: 'The linked account.',
      }),
    },
    resolve: async (_root, { input }, context) =>
      await unlinkIdentity(
        context.deps,
        await requireViewer(context),
        input.identityId,
        context.client,
      ),
  }),
);
