import type { User } from '../../db/tables/user.ts';
import { builder } from '../graphql/builder.ts';
import { NodeInterface } from '../graphql/errors.ts';

export const AdminUserType = builder.objectRef<User>('AdminUser').implement({
  description:
    'A person with an account, as administrators see them. No field holds a password, a code, a token, a secret or a hash (AD-4).',
  interfaces: [NodeInterface],
  fields: (t) => ({
    email: t.expose('email', {
      type: 'EmailAddress',
      description: 'The email address that they sign in with, in canonical form.',
    }),
    emailVerified: t.boolean({
      description: 'True once the person has proven that they receive mail at this address.',
      resolve: (user) => user.emailVerifiedAt !== null,
    }),
    name: t.exposeString('name', {
      nullable: true,
      description: 'The name that they want to be called by; null if they gave none.',
    }),
    attributes: t.expose('attributes', {
      type: 'JSONObject',
      description: 'What administrators have noted about the person.',
    }),
    createdAt: t.expose('createdAt', {
      type: 'DateTime',
      description: 'When the account was created.',
    }),
    disabledAt: t.expose('disabledAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the account was disabled; null if it is not.',
    }),
    hasPassword: t.boolean({
      description: 'True if the account has a password.',
      resolve: (user) => user.passwordHash !== null,
    }),
  }),
});
