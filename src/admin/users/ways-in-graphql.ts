import { map } from '../../db/statement.ts';
import type { Identity } from '../../db/tables/identity.ts';
import type { Passkey } from '../../db/tables/passkey.ts';
import { providerOf } from '../../identity/provider-of.ts';
import { listIdentitiesOf } from '../../identity/store.ts';
import { makerOf } from '../../proofs/passkey/makers.ts';
import { listPasskeysOf } from '../../proofs/passkey/store.ts';
import {
  type EnrolledFactors,
  enrolledSecondFactorsOf,
  NO_FACTORS,
  requiresSecondFactor,
} from '../../proofs/second-factor/enrolled.ts';
import { batched, byPerson } from '../graphql/batch.ts';
import { builder, readable } from '../graphql/builder.ts';
import { NodeInterface } from '../graphql/errors.ts';
import { AdminUserType } from './graphql.ts';
import { BLOCKER_KINDS, type SignInBlocker, signInBlockers } from './sign-in-blockers.ts';

const MfaStatusType = builder.objectRef<EnrolledFactors>('MfaStatus').implement({
  description: 'The state of a person’s two-step verification.',
  fields: (t) => ({
    enabled: t.boolean({
      description: 'True if signing in requires a second factor.',
      resolve: requiresSecondFactor,
    }),
    totp: t.exposeBoolean('totp', { description: 'True if an authenticator app is set up.' }),
    email: t.exposeBoolean('email', { description: 'True if codes by email are set up.' }),
    passkey: t.exposeBoolean('passkey', {
      description: 'True if signing in with a password asks for a passkey as a second factor.',
    }),
    backupCodesRemaining: t.exposeInt('backupCodesRemaining', {
      description: 'The number of unused backup codes. Zero for a person without a second factor.',
    }),
  }),
});

const PasskeyType = builder.objectRef<Passkey>('Passkey').implement({
  description:
    'A passkey: a key pair in an authenticator of the person, such as a telephone, a password manager or a security key.',
  interfaces: [NodeInterface],
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The name by which the person knows it.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was added.' }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was last used; null if it never was.',
    }),
    synced: t.exposeBoolean('backupEligible', {
      description:
        'True if it can be synced to the person’s other devices. False for a passkey that is bound to one device.',
    }),
    provider: t.string({
      nullable: true,
      description:
        'The product name, looked up by the AAGUID; null if unknown. It is not attested, so use it for display only.',
      resolve: ({ aaguid }) => makerOf(aaguid),
    }),
  }),
});

const IdentityType = builder.objectRef<Identity>('Identity').implement({
  description: 'An account at a provider that can be used to sign in to this account.',
  interfaces: [NodeInterface],
  fields: (t) => ({
    provider: t.string({
      description:
        'The id of the provider. A provider that is no longer configured is named by its host.',
      resolve: ({ issuer }, _args, { deps }) => providerOf(deps.config, issuer).id,
    }),
    issuer: t.exposeString('issuer', {
      description:
        'The issuer of the provider, or of the tenant. With `subject` it identifies the account for certain.',
    }),
    subject: t.exposeString('subject', {
      description: 'The id of the account at the provider: the `sub` claim of its ID token.',
    }),
    email: t.expose('email', {
      type: 'EmailAddress',
      nullable: true,
      description:
        'The email address that the provider reported at linking, only to tell two linked accounts apart. Null if it reported none.',
    }),
    linkedAt: t.expose('linkedAt', { type: 'DateTime', description: 'When it was linked.' }),
  }),
});

const factors = batched(enrolledSecondFactorsOf);
const passkeys = batched((ids) =>
  map(listPasskeysOf(ids), (rows) => byPerson(rows, ({ userId }) => userId)),
);
const identities = batched((ids) =>
  map(listIdentitiesOf(ids), (rows) => byPerson(rows, ({ userId }) => userId)),
);

builder.objectFields(AdminUserType, (t) => ({
  mfa: t.field({
    ...readable('USERS_READ'),
    type: MfaStatusType,
    description: 'The second factors of the person.',
    resolve: async ({ id }, _args, context) => (await factors(context, id)) ?? NO_FACTORS,
  }),
  passkeys: t.field({
    ...readable('USERS_READ'),
    type: [PasskeyType],
    description: 'The passkeys of the person, oldest first.',
    resolve: async ({ id }, _args, context) => (await passkeys(context, id)) ?? [],
  }),
  identities: t.field({
    ...readable('USERS_READ'),
    type: [IdentityType],
    description: 'The linked accounts at providers that can be used to sign in, oldest first.',
    resolve: async ({ id }, _args, context) => (await identities(context, id)) ?? [],
  }),
}));

const SignInBlockerKindType = builder.enumType('SignInBlockerKind', {
  description: 'Why a person cannot sign in.',
  values: Object.fromEntries(
    Object.entries(BLOCKER_KINDS).map(([kind, description]) => [kind, { description }]),
  ) as Record<SignInBlocker['kind'], { description: string }>,
});

const SignInBlockerType = builder.objectRef<SignInBlocker>('SignInBlocker').implement({
  description: 'One reason why a person cannot sign in.',
  fields: (t) => ({
    kind: t.expose('kind', { type: SignInBlockerKindType, description: 'The reason.' }),
    until: t.expose('until', {
      type: 'DateTime',
      nullable: true,
      description: 'When it ends by itself; null if it does not.',
    }),
  }),
});

builder.objectField(AdminUserType, 'signInBlockers', (t) =>
  t.field({
    ...readable('USERS_READ'),
    type: [SignInBlockerType],
    description: 'Why the person cannot sign in now; empty if they can.',
    resolve: async (user, _args, context) => {
      const [enrolled, linked] = await Promise.all([
        factors(context, user.id),
        identities(context, user.id),
      ]);
      const ways = { factors: enrolled ?? NO_FACTORS, identities: linked ?? [] };
      return [...(await signInBlockers(context.deps, user, ways))];
    },
  }),
);
