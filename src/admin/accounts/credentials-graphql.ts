import { LastCredentialError } from '../../credential-change/ways-in.ts';
import { idRule } from '../../graphql/inputs.ts';
import { resultUnion } from '../../graphql/result.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import { builder, writable } from '../graphql/builder.ts';
import { ErrorInterface, everyone } from '../graphql/errors.ts';
import { accountRequest, outcomeWithUser, REASON, reasonedInput, USER_ID } from './fields.ts';
import {
  removeSecondFactors,
  removeUserPasskey,
  unlinkUserIdentity,
} from './remove-credentials.ts';

builder.objectType(LastCredentialError, {
  name: 'LastCredentialError',
  description:
    'Without this credential, the person could not sign in any more, or would be without the second factor that the server requires. Nothing was changed. `sendPasswordReset` gives the person a password; `disableUser` ends all access.',
  interfaces: [ErrorInterface],
});

const SecondFactorsRemovedType = outcomeWithUser(
  'SecondFactorsRemoved',
  'The person has no second factor and no backup codes.',
);

const RemoveSecondFactorsInput = reasonedInput(
  'RemoveSecondFactorsInput',
  'The person who lost their second factors.',
);

builder.mutationField('removeSecondFactors', (t) =>
  t.errorUnionField({
    ...writable('USERS_WRITE'),
    description:
      'Remove every second factor and the backup codes of a person who can use none of them. First make sure by other means that the request comes from that person. Passkeys and the password stay. Every session ends, and the person is mailed. Callers cannot do this to their own account.',
    types: [SecondFactorsRemovedType, NotFoundError, ...everyone],
    union: resultUnion('removeSecondFactors'),
    args: {
      input: t.arg({ type: RemoveSecondFactorsInput, required: true, description: 'The person.' }),
    },
    resolve: async (_root, { input }, context) =>
      await removeSecondFactors(context.deps, await accountRequest(context, 'USERS_WRITE', input)),
  }),
);

const UserPasskeyRemovedType = outcomeWithUser('UserPasskeyRemoved', 'The passkey was removed.');

const RemoveUserPasskeyInput = builder.inputType('RemoveUserPasskeyInput', {
  description: 'The passkey to remove.',
  fields: (t) => ({
    userId: t.id(USER_ID),
    passkeyId: t.id({
      required: true,
      description: 'The id of the passkey.',
      validate: { schema: idRule },
    }),
    reason: t.string(REASON),
  }),
});

builder.mutationField('removeUserPasskey', (t) =>
  t.errorUnionField({
    ...writable('USERS_WRITE'),
    description:
      'Remove a passkey of a person. Every session ends, and the person is mailed. Callers cannot do this to their own account.',
    types: [UserPasskeyRemovedType, LastCredentialError, NotFoundError, ...everyone],
    union: resultUnion('removeUserPasskey'),
    args: {
      input: t.arg({ type: RemoveUserPasskeyInput, required: true, description: 'The passkey.' }),
    },
    resolve: async (_root, { input }, context) => {
      const request = await accountRequest(context, 'USERS_WRITE', input);
      return await removeUserPasskey(context.deps, { ...request, passkeyId: input.passkeyId });
    },
  }),
);

const UserIdentityUnlinkedType = outcomeWithUser(
  'UserIdentityUnlinked',
  'The account at the provider was unlinked.',
);

const UnlinkUserIdentityInput = builder.inputType('UnlinkUserIdentityInput', {
  description: 'The account at a provider to unlink.',
  fields: (t) => ({
    userId: t.id(USER_ID),
    identityId: t.id({
      required: true,
      description: 'The id of the identity.',
      validate: { schema: idRule },
    }),
    reason: t.string(REASON),
  }),
});

builder.mutationField('unlinkUserIdentity', (t) =>
  t.errorUnionField({
    ...writable('USERS_WRITE'),
    description:
      'Unlink an account at a provider from a person. Every session that began with it ends, and the person is mailed. Callers cannot do this to their own account.',
    types: [UserIdentityUnlinkedType, LastCredentialError, NotFoundError, ...everyone],
    union: resultUnion('unlinkUserIdentity'),
    args: {
      input: t.arg({ type: UnlinkUserIdentityInput, required: true, description: 'The identity.' }),
    },
    resolve: async (_root, { input }, context) => {
      const request = await accountRequest(context, 'USERS_WRITE', input);
      return await unlinkUserIdentity(context.deps, { ...request, identityId: input.identityId });
    },
  }),
);
