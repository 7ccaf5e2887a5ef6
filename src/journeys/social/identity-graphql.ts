import type { Identity } from '../../db/tables/identity.ts';
import { builder } from '../../graphql/builder.ts';
import { NodeInterface } from '../../graphql/node.ts';
import { providerOf } from '../../identity/provider-of.ts';
import { listIdentities } from '../../identity/store.ts';
import { OAuthProviderType } from '../../proofs/oauth/graphql.ts';
import { ViewerType } from '../../session/graphql.ts';

export const IdentityType = builder.objectRef<Identity>('Identity').implement({
  description: 'An account at a provider that signs in to this one.',
  interfaces: [NodeInterface],
  fields: (t) => ({
    id: t.exposeID('id', { description: 'UUIDv7: what `unlinkIdentity` takes.' }),
    provider: t.field({
      type: OAuthProviderType,
      description: 'Whose account it is. One that is not offered any more goes by its host.',
      resolve: (identity, _args, { deps }) => providerOf(deps.config, identity.issuer),
    }),
    email: t.expose('email', {
      type: 'EmailAddress',
      nullable: true,
      description:
        'The address the provider told when it was linked: to tell two accounts apart, nothing more. Null when it told none.',
    }),
    linkedAt: t.expose('linkedAt', { type: 'DateTime', description: 'When it was linked.' }),
  }),
});

builder.objectField(ViewerType, 'identities', (t) =>
  t.field({
    type: [IdentityType],
    description: 'Accounts at providers that sign in to this one, oldest first.',
    resolve: (viewer, _args, { deps }) => listIdentities(deps.db, viewer.user.id),
  }),
);
