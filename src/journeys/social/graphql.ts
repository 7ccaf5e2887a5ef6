import { EmailVerificationRequiredType } from '../../email-verification/graphql.ts';
import { builder } from '../../graphql/builder.ts';
import { costly } from '../../graphql/costly.ts';
import { anyone, ErrorInterface, requiresStepUp, sensitive } from '../../graphql/errors.ts';
import { idRule, tokenRule, urlRule } from '../../graphql/inputs.ts';
import { resultUnion } from '../../graphql/result.ts';
import { requireViewer } from '../../graphql/viewer.ts';
import {
  MfaEnrollmentRequiredError,
  NotFoundError,
  StepUpRequiredError,
} from '../../kernel/errors.ts';
import { OAuthCancelledError, OAuthFailedError } from '../../proofs/oauth/errors.ts';
import { BUDGETS } from '../../rate-limit/budgets.ts';
import { boundedBy, CHANGE } from '../../rate-limit/field-budgets.ts';
import { applySignIn, MfaRequiredType, SignedInType, ViewerType } from '../../session/graphql.ts';
import { completeOAuth } from './complete.ts';
import { AccountLinkRequiredError, LastCredentialError } from './errors.ts';
import { IdentityType } from './identity-graphql.ts';
import type { IdentityLinked } from './link.ts';
import { type OAuthStarted, startOAuth } from './start.ts';
import { type IdentityUnlinked, unlinkIdentity } from './unlink.ts';

builder.objectType(AccountLinkRequiredError, {
  name: 'AccountLinkRequiredError',
  description:
    'There is an account with this address, and this provider is not linked to it. Sign in as before, then call `startOAuth` again with the access token: that links.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    provider: t.exposeString('provider', { description: 'What the provider is called.' }),
  }),
});

builder.objectType(LastCredentialError, {
  name: 'LastCredentialError',
  description:
    'The only way to sign in to the account: set a password (by a reset) or link another first.',
  interfaces: [ErrorInterface],
});

const OAuthStartedType = builder.objectRef<OAuthStarted>('OAuthStarted').implement({
  description:
    'Send the browser to `authorizationUrl`. Keep `flowToken` in that browser (session storage): it ties the answer to it.',
  fields: (t) => ({
    authorizationUrl: t.expose('authorizationUrl', {
      type: 'URL',
      description: 'The provider’s page, with state, nonce and PKCE challenge.',
    }),
    flowToken: t.exposeString('flowToken', {
      description: 'Secret of this browser, for `completeOAuth`. Never put it into a URL.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description: 'The browser must be back by then.',
    }),
    links: t.exposeBoolean('links', {
      description:
        'True when this links the provider to the signed-in account. False when it signs in: then no live access token came with the request.',
    }),
  }),
});

const StartOAuthInput = builder.inputType('StartOAuthInput', {
  description: 'Which provider, and where it sends the browser back to.',
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
        'One of the provider’s redirect URIs, character by character. By default APP_URL/oauth/callback/<id>.',
      validate: { schema: urlRule },
    }),
    freshLogin: t.boolean({
      description:
        'True: the person must sign in at the provider anew, and a provider that does not say so is refused. The session’s proof is then fresh (`authenticatedAt`); otherwise it is as old as the sign-in at the provider, or counts from now where the provider does not tell (Google).',
    }),
  }),
});

builder.mutationField('startOAuth', (t) =>
  t.errorUnionField({
    budget: boundedBy(BUDGETS.oauthStart),
    ...costly,
    description:
      'Begins signing in with a provider. With an access token it begins linking the provider to that account instead, which needs a fresh proof (`StepUpRequiredError`).',
    types: [
      OAuthStartedType,
      NotFoundError,
      OAuthFailedError,
      StepUpRequiredError,
      MfaEnrollmentRequiredError,
      ...anyone,
    ],
    union: resultUnion('StartOAuthResult', 'What beginning with a provider can come to.'),
    args: {
      input: t.arg({ type: StartOAuthInput, required: true, description: 'Where to and back.' }),
    },
    resolve: async (_root, { input }, context) => {
      // Whoever is signed in would link: not on a session that owes its second factor (RR-9).
      const links = (await context.isAdmitted()) && (await context.hasSteppedUp());
      const viewer = links ? await context.authentication() : null;
      const wanted = { ...input, freshLogin: input.freshLogin ?? false };
      return await startOAuth(context.deps, wanted, viewer, context.client);
    },
  }),
);

const IdentityLinkedType = builder.objectRef<IdentityLinked>('IdentityLinked').implement({
  description: 'The provider is a way to sign in to this account from now on.',
  fields: (t) => ({
    identity: t.field({
      type: IdentityType,
      description: 'What was linked.',
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
  description: 'What the browser kept and what it came back with.',
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
        'The whole URL the provider sent the browser back to, with its query as it came; a fragment is ignored. Also when it reports an error.',
      validate: { schema: urlRule },
    }),
  }),
});

builder.mutationField('completeOAuth', (t) =>
  t.errorUnionField({
    budget: boundedBy(
      BUDGETS.oauthReturn,
      BUDGETS.mailBurst,
      BUDGETS.mailDay,
      BUDGETS.signInsAccount,
      BUDGETS.signInsSource,
    ),
    ...costly,
    description:
      'Completes what `startOAuth` began: signs in, or links. Works once. A link is completed with an access token of the session that began it.',
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
    union: resultUnion('CompleteOAuthResult', 'What coming back from a provider can come to.'),
    args: {
      input: t.arg({ type: CompleteOAuthInput, required: true, description: 'The way back.' }),
    },
    resolve: async (_root, { input }, context) => {
      const viewer = (await context.isAdmitted()) ? await context.authentication() : null;
      return applySignIn(context, await completeOAuth(context.deps, input, viewer, context.client));
    },
  }),
);

const IdentityUnlinkedType = builder.objectRef<IdentityUnlinked>('IdentityUnlinked').implement({
  description: 'The provider signs in to this account no more. Sessions go on.',
  fields: (t) => ({
    viewer: t.field({
      type: ViewerType,
      description: 'The person, with what is still linked.',
      resolve: (unlinked) => unlinked.viewer,
    }),
  }),
});

const UnlinkIdentityInput = builder.inputType('UnlinkIdentityInput', {
  description: 'What to unlink.',
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
    budget: CHANGE,
    description: 'Unlinks an account at a provider, unless it is the only way to sign in.',
    ...requiresStepUp,
    types: [IdentityUnlinkedType, NotFoundError, LastCredentialError, ...sensitive],
    union: resultUnion('UnlinkIdentityResult', 'What unlinking can come to.'),
    args: {
      input: t.arg({ type: UnlinkIdentityInput, required: true, description: 'Which one.' }),
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
