import { localeRule, nameRule, pictureRule, readName } from '../../graphql/inputs.ts';
import { jsonObjectRule } from '../../graphql/json-object-rule.ts';
import { resultUnion } from '../../graphql/result.ts';
import { ConflictError, NotFoundError } from '../../kernel/errors.ts';
import { builder, writable } from '../graphql/builder.ts';
import { everyone } from '../graphql/errors.ts';
import { externalIdRule } from '../inputs.ts';
import { AdminUserType } from '../users/graphql.ts';
import { deleteUser, type UserDeleted } from './delete.ts';
import { disableUser, enableUser, type UserDisabled } from './disable.ts';
import { accountRequest, outcomeWithUser, reasonedInput, USER_ID } from './fields.ts';
import { updateUser } from './update.ts';

const UserUpdatedType = outcomeWithUser('UserUpdated', 'The person has the requested values.');

const UpdateUserInput = builder.inputType('UpdateUserInput', {
  description: 'The person and the values to change. Omitted values stay as they are.',
  fields: (t) => ({
    userId: t.id(USER_ID),
    name: t.string({
      description:
        'The name that the person wants to be called by, up to 200 characters. Null and the empty string remove it.',
      validate: { schema: nameRule },
    }),
    picture: t.field({
      type: 'URL',
      description:
        'The https address of a picture, up to 2,048 characters. Latchkey never fetches it. Null removes it.',
      validate: { schema: pictureRule },
    }),
    locale: t.field({
      type: 'Locale',
      description: 'The person’s language. Null removes it.',
      validate: { schema: localeRule },
    }),
    attributes: t.field({
      type: 'JSONObject',
      description:
        'The whole object, which replaces the current one: at most 4,096 bytes of JSON, 8 levels deep. Null removes every attribute. Access tokens can carry attributes; the person can read them.',
      validate: { schema: jsonObjectRule },
    }),
    externalId: t.string({
      description:
        'The id of the person in another system: 1 to 255 visible characters, which no other account has. Null removes it.',
      validate: { schema: externalIdRule },
    }),
  }),
});

builder.mutationField('updateUser', (t) =>
  t.errorUnionField({
    ...writable('USERS_WRITE'),
    description:
      'Change the profile, the attributes or the external id of a person. If another account has the external id: ConflictError. Sessions continue; their next access tokens carry the new attributes.',
    types: [UserUpdatedType, ConflictError, NotFoundError, ...everyone],
    union: resultUnion('updateUser'),
    args: {
      input: t.arg({ type: UpdateUserInput, required: true, description: 'The changes.' }),
    },
    resolve: async (_root, { input }, context) => {
      const { name, picture, locale, attributes, externalId } = input;
      const wanted = {
        ...{ name: readName(name), picture, locale, externalId },
        attributes: attributes === null ? {} : attributes,
      };
      const request = await accountRequest(context, 'USERS_WRITE', { userId: input.userId });
      return await updateUser(context.deps, request, wanted);
    },
  }),
);

const UserDisabledType = builder.objectRef<UserDisabled>('UserDisabled').implement({
  description: 'The account gives no access until it is enabled.',
  fields: (t) => ({
    user: t.field({
      type: AdminUserType,
      description: 'The person after the act.',
      resolve: ({ user }) => user,
    }),
    sessionsRevoked: t.exposeInt('sessionsRevoked', {
      description: 'How many sessions ended; 0 if the account was disabled before.',
    }),
  }),
});

const DisableUserInput = reasonedInput('DisableUserInput', 'The account to disable.');

builder.mutationField('disableUser', (t) =>
  t.errorUnionField({
    ...writable('USERS_WRITE'),
    description:
      'Disable an account: every session ends, and the correct password is answered like a wrong one. Services that verify access tokens themselves accept existing ones for up to ACCESS_TOKEN_TTL. For an account that is already disabled, nothing changes, not even the reason. Nobody disables their own account.',
    types: [UserDisabledType, NotFoundError, ...everyone],
    union: resultUnion('disableUser'),
    args: {
      input: t.arg({ type: DisableUserInput, required: true, description: 'The account.' }),
    },
    resolve: async (_root, { input }, context) =>
      await disableUser(context.deps, await accountRequest(context, 'USERS_WRITE', input)),
  }),
);

const UserEnabledType = outcomeWithUser('UserEnabled', 'The account gives access again.');

const EnableUserInput = reasonedInput('EnableUserInput', 'The account to enable.');

builder.mutationField('enableUser', (t) =>
  t.errorUnionField({
    ...writable('USERS_WRITE'),
    description:
      'Enable a disabled account, with the password and the factors that it had. Its sessions stay ended. For an account that is already enabled, nothing changes.',
    types: [UserEnabledType, NotFoundError, ...everyone],
    union: resultUnion('enableUser'),
    args: { input: t.arg({ type: EnableUserInput, required: true, description: 'The account.' }) },
    resolve: async (_root, { input }, context) =>
      await enableUser(context.deps, await accountRequest(context, 'USERS_WRITE', input)),
  }),
);

const UserDeletedType = builder.objectRef<UserDeleted>('UserDeleted').implement({
  description:
    'The account and all its personal data were deleted. A last mail confirms it to the person.',
  fields: (t) => ({
    at: t.expose('at', { type: 'DateTime', description: 'When the account was deleted.' }),
  }),
});

const DeleteUserInput = reasonedInput('DeleteUserInput', 'The account to delete.');

builder.mutationField('deleteUser', (t) =>
  t.errorUnionField({
    ...writable('USERS_DELETE'),
    description:
      'Delete an account permanently and at once, with its sessions, factors, profile and mails. Nobody deletes their own account here.',
    types: [UserDeletedType, NotFoundError, ...everyone],
    union: resultUnion('deleteUser'),
    args: { input: t.arg({ type: DeleteUserInput, required: true, description: 'The account.' }) },
    resolve: async (_root, { input }, context) =>
      await deleteUser(context.deps, await accountRequest(context, 'USERS_DELETE', input)),
  }),
);
