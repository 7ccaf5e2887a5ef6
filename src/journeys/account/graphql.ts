import { SecurityEventConnection } from '../../audit/graphql.ts';
import { listSecurityEvents } from '../../audit/store.ts';
import { run } from '../../db/executor.ts';
import { builder } from '../../graphql/builder.ts';
import { pageOf, pageRequest } from '../../graphql/connection.ts';
import { requiresStepUp, sensitive, signedInOnly } from '../../graphql/errors.ts';
import { localeRule, nameRule, pictureRule, readName } from '../../graphql/inputs.ts';
import { jsonObjectRule } from '../../graphql/json-object-rule.ts';
import { resultUnion } from '../../graphql/result.ts';
import { requireViewer } from '../../graphql/viewer.ts';
import { LIMITED_CHANGE } from '../../rate-limit/limits.ts';
import { rolesOfUser } from '../../role/store.ts';
import { ViewerType } from '../../session/graphql.ts';
import { UserType } from '../../user/graphql.ts';
import type { Profile } from '../../user/store.ts';
import { type AccountDeleted, deleteAccount } from './delete-account.ts';
import { type ProfileUpdated, updateProfile } from './update-profile.ts';

builder.objectField(ViewerType, 'securityEvents', (t) =>
  t.field({
    type: SecurityEventConnection,
    description: 'The security events of this account, newest first.',
    args: {
      first: t.arg.int({ defaultValue: 20, description: 'The maximum number of items, 1 to 100.' }),
      after: t.arg.string({ description: 'The cursor of the item after which the page starts.' }),
    },
    resolve: async (viewer, args, { deps }) => {
      const request = pageRequest(args);
      const page = { ...request, userId: viewer.user.id };
      return pageOf(await run(deps.db, listSecurityEvents(page)), request);
    },
  }),
);

const ProfileUpdatedType = builder.objectRef<ProfileUpdated>('ProfileUpdated').implement({
  description: 'The profile was updated.',
  fields: (t) => ({
    viewer: t.field({
      type: ViewerType,
      description: 'The person, with the updated profile.',
      resolve: (updated) => updated.viewer,
    }),
  }),
});

const UpdateProfileInput = builder.inputType('UpdateProfileInput', {
  description: 'The fields to change. Omitted fields stay as they are.',
  fields: (t) => ({
    name: t.string({
      description:
        'The name that the person wants to be called by, up to 200 characters. Null and the empty string remove it.',
      validate: { schema: nameRule },
    }),
    picture: t.field({
      type: 'URL',
      description:
        'The https URL of a picture, up to 2,048 characters. Null removes it. This server does not load it.',
      validate: { schema: pictureRule },
    }),
    locale: t.field({
      type: 'Locale',
      description: 'The language that the person prefers. Null removes it.',
      validate: { schema: localeRule },
    }),
    preferences: t.field({
      type: 'JSONObject',
      description:
        'The person’s own settings for the application, which replace the current ones as a whole: at most 4 KiB of JSON, 8 levels deep. Null removes them.',
      validate: { schema: jsonObjectRule },
    }),
  }),
});

/** The profile that the input asks for, without what it leaves out. */
function profileOf(input: typeof UpdateProfileInput.$inferInput): Partial<Profile> {
  const name = readName(input.name);
  const { picture, locale, preferences } = input;
  return {
    ...(name !== undefined && { name }),
    ...(picture !== undefined && { picture }),
    ...(locale !== undefined && { locale }),
    ...(preferences !== undefined && { preferences: preferences ?? {} }),
  };
}

// Read from the database and not from the token, which says what was true when it was issued (CL-4).
builder.objectField(UserType, 'roles', (t) =>
  t.stringList({
    description: 'The names of the roles that the person holds.',
    resolve: async (user, _args, { deps }) =>
      (await run(deps.db, rolesOfUser(user.id))).map(({ name }) => name),
  }),
);

builder.mutationField('updateProfile', (t) =>
  t.errorUnionField({
    rateLimits: LIMITED_CHANGE,
    description: 'Update the person’s profile.',
    authScopes: { signedIn: true },
    types: [ProfileUpdatedType, ...signedInOnly],
    union: resultUnion('updateProfile'),
    args: {
      input: t.arg({ type: UpdateProfileInput, required: true, description: 'The changes.' }),
    },
    resolve: async (_root, { input }, context) => {
      const { deps, client } = context;
      return await updateProfile(deps, await requireViewer(context), profileOf(input), client);
    },
  }),
);

const AccountDeletedType = builder.objectRef<AccountDeleted>('AccountDeleted').implement({
  description: 'The account and all its personal data were deleted. A last mail confirms it.',
  fields: (t) => ({
    at: t.expose('at', { type: 'DateTime', description: 'When the account was deleted.' }),
  }),
});

builder.mutationField('deleteAccount', (t) =>
  t.errorUnionField({
    rateLimits: LIMITED_CHANGE,
    ...requiresStepUp,
    description: 'Delete the account permanently, with its sessions, factors, profile and mails.',
    types: [AccountDeletedType, ...sensitive],
    union: resultUnion('deleteAccount'),
    resolve: async (_root, _args, context) => {
      const deleted = await deleteAccount(context.deps, await requireViewer(context));
      context.refreshCookie.clear();
      return deleted;
    },
  }),
);
