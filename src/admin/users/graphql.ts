import type { User } from '../../db/tables/user.ts';
import { builder, readable } from '../graphql/builder.ts';
import { NodeInterface } from '../graphql/errors.ts';

/**
 * Each field has the guard itself: a mutation that another permission allows returns people as well (AD-2).
 */
export const AdminUserType = builder.objectRef<User>('AdminUser').implement({
  description:
    'A person with an account, as administrators see them. Every field but `id` and `roles` requires USERS_READ, also in the result of a mutation. No field holds a password, a code, a token, a secret or a hash (AD-4).',
  interfaces: [NodeInterface],
  fields: (t) => ({
    email: t.expose('email', {
      ...readable('USERS_READ'),
      type: 'EmailAddress',
      description: 'The email address that they sign in with, in canonical form.',
    }),
    emailVerified: t.boolean({
      ...readable('USERS_READ'),
      description: 'True once the person has proven that they receive mail at this address.',
      resolve: (user) => user.emailVerifiedAt !== null,
    }),
    name: t.exposeString('name', {
      ...readable('USERS_READ'),
      nullable: true,
      description: 'The name that they want to be called by; null if they gave none.',
    }),
    picture: t.expose('picture', {
      ...readable('USERS_READ'),
      type: 'URL',
      nullable: true,
      description: 'The address of a picture of the person, which this server never fetches.',
    }),
    locale: t.expose('locale', {
      ...readable('USERS_READ'),
      type: 'Locale',
      nullable: true,
      description: 'The language that the person prefers; null if none is known.',
    }),
    externalId: t.exposeString('externalId', {
      ...readable('USERS_READ'),
      nullable: true,
      description: 'The id of the person in another system; null if there is none.',
    }),
    attributes: t.expose('attributes', {
      ...readable('USERS_READ'),
      type: 'JSONObject',
      description: 'What administrators have noted about the person.',
    }),
    preferences: t.expose('preferences', {
      ...readable('USERS_READ'),
      type: 'JSONObject',
      description: 'The person’s own settings for the application.',
    }),
    createdAt: t.expose('createdAt', {
      ...readable('USERS_READ'),
      type: 'DateTime',
      description: 'When the account was created.',
    }),
    lastSignInAt: t.expose('lastSignInAt', {
      ...readable('USERS_READ'),
      type: 'DateTime',
      nullable: true,
      description:
        'When the person last signed in, some minutes late; null if they never did. Refreshing a session is not signing in.',
    }),
    disabledAt: t.expose('disabledAt', {
      ...readable('USERS_READ'),
      type: 'DateTime',
      nullable: true,
      description: 'When the account was disabled; null if it is not.',
    }),
    disabledReason: t.exposeString('disabledReason', {
      ...readable('USERS_READ'),
      nullable: true,
      description: 'Why, in the words of whoever disabled the account. The person does not see it.',
    }),
    hasPassword: t.boolean({
      ...readable('USERS_READ'),
      description: 'True if the account has a password.',
      resolve: (user) => user.passwordHash !== null,
    }),
  }),
});
