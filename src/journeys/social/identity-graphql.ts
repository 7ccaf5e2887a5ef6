import { run } from '../../db/executor.ts';
import type { Identity } from '../../db/tables/identity.ts';
import { builder } from '../../graphql/builder.ts';
import { NodeInterface } from '../../graphql/node.ts';
import { providerOf } from '../../identity/provider-of.ts';
import { listIdentities } from '../../identity/store.ts';
import { OAuthProviderType } from '../../proofs/oauth/graphql.ts';
import { ViewerType } from '../../session/graphql.ts';

export const IdentityType = builder.objectRef<Identity>('Identity').implement({
  description: 'An account at a provider that can be used to sign in to this account.',
  interfaces: [NodeInterface],
  fields: (t) => ({
    id: t.exposeID('id', { description: 'A UUIDv7. Pass it to `unlinkIdentity`.' }),
    provider: t.field({
      type: OAuthProviderType,
      description: 'The provider. A provider that is no longer offered is named by its host.',
      resolve: (identity, _args, { deps }) => providerOf(deps.config, identity.issuer),
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

builder.objectField(ViewerType, 'identities', (t) =>
  t.field({
    type: [IdentityType],
    description: 'The linked accounts at providers that can be used to sign in, oldest first.',
    resolve: (viewer, _args, { deps }) => run(deps.db, listIdentities(viewer.user.id)),
  }),
);
