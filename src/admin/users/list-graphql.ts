import { emailRule, idRule } from '../../graphql/inputs.ts';
import { builder, readable } from '../graphql/builder.ts';
import {
  BY_TIME,
  connectionType,
  listPage,
  listRequest,
  pageArguments,
} from '../graphql/connection.ts';
import { emailPrefixRule, externalIdRule, momentRule, roleNameRule } from '../inputs.ts';
import { findUser } from './find.ts';
import { AdminUserType } from './graphql.ts';
import { listUsers } from './list.ts';
import type { UserFilter, UserOrder } from './store.ts';

const UserOrderType = builder.enumType('UserOrder', {
  description: 'The order of a list of people.',
  values: {
    CREATED_DESC: { description: 'The newest accounts first.' },
    CREATED_ASC: { description: 'The oldest accounts first.' },
    LAST_SIGN_IN_DESC: {
      description:
        'The latest sign-ins first. Whoever has never signed in counts from the registration.',
    },
  } satisfies Record<UserOrder, { description: string }>,
});

const UserFilterType = builder.inputType('UserFilter', {
  description:
    'Which people a list has: those who meet every condition. Omitted conditions and null exclude nobody.',
  fields: (t) => ({
    emailPrefix: t.string({
      description:
        'The beginning of the email address, in upper or lower case. It has no wildcards.',
      validate: { schema: emailPrefixRule },
    }),
    role: t.string({
      description: 'The name of a role that the person holds. Nobody holds an unknown one.',
      validate: { schema: roleNameRule },
    }),
    disabled: t.boolean({ description: 'Whether the account is disabled.' }),
    verified: t.boolean({ description: 'Whether the email address is verified.' }),
    hasSecondFactor: t.boolean({
      description: 'Whether signing in requires a second factor.',
    }),
    createdAfter: t.field({
      type: 'DateTime',
      description: 'The account was created later than this.',
      validate: { schema: momentRule },
    }),
    createdBefore: t.field({
      type: 'DateTime',
      description: 'The account was created earlier than this.',
      validate: { schema: momentRule },
    }),
    lastSignInBefore: t.field({
      type: 'DateTime',
      description:
        'The last sign-in was earlier than this. Whoever has never signed in counts from the registration.',
      validate: { schema: momentRule },
    }),
  }),
});

const AdminUserConnection = connectionType('AdminUser', AdminUserType, 'in the requested order');

builder.queryField('users', (t) =>
  t.field({
    ...readable('USERS_READ'),
    type: AdminUserConnection,
    description:
      'The people with an account, page by page. Nothing is counted. Several conditions at once can make a page short, or even empty, although more people follow: go on while `pageInfo.hasNextPage` is true.',
    args: {
      filter: t.arg({ type: UserFilterType, description: 'Which people. By default all.' }),
      orderBy: t.arg({
        type: UserOrderType,
        defaultValue: 'CREATED_DESC',
        description: 'The order of the list.',
      }),
      ...pageArguments,
    },
    resolve: async (_root, { filter: given, orderBy, ...args }, { deps }) => {
      const filter = filterOf(given ?? {});
      const order = orderBy ?? 'CREATED_DESC';
      const request = listRequest(args, {
        ...{ name: 'users', scope: { filter, order } },
        place: BY_TIME,
      });
      const { after, limit } = request;
      const { people, scannedTo } = await listUsers(deps, { filter, order, after, limit });
      return listPage(people, request, ({ place }) => place, scannedTo);
    },
  }),
);

/** Every condition, in one order: the cursors depend on it. */
function filterOf(given: { readonly [Name in keyof UserFilter]?: UserFilter[Name] | undefined }) {
  return {
    emailPrefix: given.emailPrefix ?? null,
    role: given.role ?? null,
    disabled: given.disabled ?? null,
    verified: given.verified ?? null,
    hasSecondFactor: given.hasSecondFactor ?? null,
    createdAfter: given.createdAfter ?? null,
    createdBefore: given.createdBefore ?? null,
    lastSignInBefore: given.lastSignInBefore ?? null,
  } satisfies UserFilter;
}

const IdentitySelector = builder.inputType('IdentitySelector', {
  description: 'An account at a provider.',
  fields: (t) => ({
    provider: t.string({
      required: true,
      description:
        'The provider as `Identity.provider` shows it, or the issuer. Where several issuers of a provider have an account with this id, only the issuer finds one.',
      validate: { schema: externalIdRule },
    }),
    subject: t.string({
      required: true,
      description: 'The id of the account at the provider: the `sub` claim of its ID token.',
      validate: { schema: externalIdRule },
    }),
  }),
});

const UserSelector = builder.inputType('UserSelector', {
  description: 'One way to name a person.',
  isOneOf: true,
  fields: (t) => ({
    id: t.id({ description: 'The person’s id.', validate: { schema: idRule } }),
    email: t.field({
      type: 'EmailAddress',
      description: 'The email address that they sign in with.',
      validate: { schema: emailRule },
    }),
    identity: t.field({
      type: IdentitySelector,
      description: 'A linked account at a provider.',
    }),
    externalId: t.string({
      description: 'The id in another system.',
      validate: { schema: externalIdRule },
    }),
  }),
});

builder.queryField('user', (t) =>
  t.field({
    ...readable('USERS_READ'),
    type: AdminUserType,
    nullable: true,
    description: 'One person; null if there is no such account.',
    args: {
      by: t.arg({ type: UserSelector, required: true, description: 'How the person is named.' }),
    },
    resolve: (_root, { by }, { deps }) => findUser(deps, by),
  }),
);
