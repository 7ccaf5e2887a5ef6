import { SecurityEventConnection } from '../../audit/graphql.ts';
import { listSecurityEvents } from '../../audit/store.ts';
import { builder } from '../../graphql/builder.ts';
import { pageOf, pageRequest } from '../../graphql/connection.ts';
import { requiresStepUp, sensitive, signedInOnly } from '../../graphql/errors.ts';
import { nameRule, readName } from '../../graphql/inputs.ts';
import { resultUnion } from '../../graphql/result.ts';
import { requireViewer } from '../../graphql/viewer.ts';
import { CHANGE } from '../../rate-limit/field-budgets.ts';
import { ViewerType } from '../../session/graphql.ts';
import { type AccountDeleted, deleteAccount } from './delete-account.ts';
import { type ProfileUpdated, updateProfile } from './update-profile.ts';

builder.objectField(ViewerType, 'securityEvents', (t) =>
  t.field({
    type: SecurityEventConnection,
    description: 'What happened on and around this account, newest first.',
    args: {
      first: t.arg.int({ defaultValue: 20, description: 'How many at most, 1 to 100.' }),
      after: t.arg.string({ description: 'The cursor to go on from.' }),
    },
    resolve: async (viewer, args, { deps }) => {
      const request = pageRequest(args);
      const page = { ...request, userId: viewer.user.id };
      return pageOf(await listSecurityEvents(deps.db, page), request);
    },
  }),
);

const ProfileUpdatedType = builder.objectRef<ProfileUpdated>('ProfileUpdated').implement({
  description: 'The profile says what was sent.',
  fields: (t) => ({
    viewer: t.field({
      type: ViewerType,
      description: 'The person, as they are now.',
      resolve: (updated) => updated.viewer,
    }),
  }),
});

const UpdateProfileInput = builder.inputType('UpdateProfileInput', {
  description: 'What to change. What is left out stays as it is.',
  fields: (t) => ({
    name: t.string({
      description:
        'What the person wants to be called, up to 200 characters; null and an empty text take it away.',
      validate: { schema: nameRule },
    }),
  }),
});

builder.mutationField('updateProfile', (t) =>
  t.errorUnionField({
    budget: CHANGE,
    description: 'Changes what a person says of themself.',
    authScopes: { signedIn: true },
    types: [ProfileUpdatedType, ...signedInOnly],
    union: resultUnion('UpdateProfileResult', 'What changing the profile can come to.'),
    args: {
      input: t.arg({ type: UpdateProfileInput, required: true, description: 'The changes.' }),
    },
    resolve: async (_root, { input }, context) => {
      const { deps, client } = context;
      return await updateProfile(
        deps,
        await requireViewer(context),
        { name: readName(input.name) },
        client,
      );
    },
  }),
);

const AccountDeletedType = builder.objectRef<AccountDeleted>('AccountDeleted').implement({
  description: 'The account is gone, with everything personal. A last mail says so.',
  fields: (t) => ({
    at: t.expose('at', { type: 'DateTime', description: 'When it was deleted.' }),
  }),
});

builder.mutationField('deleteAccount', (t) =>
  t.errorUnionField({
    budget: CHANGE,
    ...requiresStepUp,
    description: 'Deletes the account for good: sessions, factors, profile and mails with it.',
    types: [AccountDeletedType, ...sensitive],
    union: resultUnion('DeleteAccountResult', 'What deleting the account can come to.'),
    resolve: async (_root, _args, context) => {
      const deleted = await deleteAccount(context.deps, await requireViewer(context));
      context.refreshCookie.clear();
      return deleted;
    },
  }),
);
