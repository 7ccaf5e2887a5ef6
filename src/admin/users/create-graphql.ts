import { emailRule, localeRule, nameRule, readName } from '../../graphql/inputs.ts';
import { jsonObjectRule } from '../../graphql/json-object-rule.ts';
import { resultUnion } from '../../graphql/result.ts';
import { ConflictError, NotFoundError } from '../../kernel/errors.ts';
import { INVITATION_RULES } from '../../rate-limit/limits.ts';
import { EmailTakenError } from '../../user/errors.ts';
import { adminRequest } from '../context.ts';
import { builder, writable } from '../graphql/builder.ts';
import { everyone } from '../graphql/errors.ts';
import { externalIdRule, roleNamesRule } from '../inputs.ts';
import { createUser, type UserCreated } from './create.ts';
import { AdminUserType } from './graphql.ts';

const UserCreatedType = builder.objectRef<UserCreated>('UserCreated').implement({
  description: 'The account exists. It has no password.',
  fields: (t) => ({
    user: t.field({
      type: AdminUserType,
      description: 'The person.',
      resolve: ({ user }) => user,
    }),
  }),
});

const CreateUserInput = builder.inputType('CreateUserInput', {
  description: 'The account to create.',
  fields: (t) => ({
    email: t.field({
      type: 'EmailAddress',
      required: true,
      description: 'The address to sign in with.',
      validate: { schema: emailRule },
    }),
    emailVerified: t.boolean({
      required: true,
      defaultValue: false,
      description:
        'True if you vouch that the person receives mail at the address. Otherwise they prove it themselves.',
    }),
    name: t.string({
      description: 'The name that the person wants to be called by, up to 200 characters.',
      validate: { schema: nameRule },
    }),
    locale: t.field({
      type: 'Locale',
      description: 'The person’s language.',
      validate: { schema: localeRule },
    }),
    roles: t.stringList({
      description: 'The names of roles that the person holds, beside those of DEFAULT_ROLES.',
      validate: { schema: roleNamesRule },
    }),
    attributes: t.field({
      type: 'JSONObject',
      description: 'What you note about the person: at most 4 KiB of JSON. They can read it.',
      validate: { schema: jsonObjectRule },
    }),
    externalId: t.string({
      description: 'The id that the person has in another system. It is unique.',
      validate: { schema: externalIdRule },
    }),
    sendInvitation: t.boolean({
      required: true,
      defaultValue: true,
      description:
        'Mail the person a link with which they choose a password. With false nothing is mailed, and they get in with a password reset, a mailed sign-in or a provider.',
    }),
  }),
});

builder.mutationField('createUser', (t) =>
  t.errorUnionField({
    ...writable('USERS_WRITE', ...INVITATION_RULES),
    description:
      'Create an account without a password. The caller must have every permission of this API that the roles carry. ConflictError: another account has the external id. Without USERS_READ, select only `id` and `roles` of the person: any other field is a top-level error with the code FORBIDDEN, although the account is created.',
    types: [UserCreatedType, EmailTakenError, ConflictError, NotFoundError, ...everyone],
    union: resultUnion('createUser'),
    args: {
      input: t.arg({ type: CreateUserInput, required: true, description: 'The account.' }),
    },
    resolve: async (_root, { input }, context) => {
      const { email, emailVerified, sendInvitation } = input;
      const account = {
        ...{ email, emailVerified, sendInvitation },
        name: readName(input.name) ?? null,
        locale: input.locale ?? null,
        roles: input.roles ?? [],
        attributes: input.attributes ?? {},
        externalId: input.externalId ?? null,
      };
      return await createUser(context.deps, await adminRequest(context, 'USERS_WRITE'), account);
    },
  }),
);
