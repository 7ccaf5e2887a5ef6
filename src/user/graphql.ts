import type { User } from '../db/tables/user.ts';
import { builder } from '../graphql/builder.ts';
import { NodeInterface } from '../graphql/node.ts';

export const UserType = builder.objectRef<User>('User').implement({
  description: 'A person with an account.',
  interfaces: [NodeInterface],
  fields: (t) => ({
    id: t.exposeID('id', { description: 'UUIDv7. Never changes, never reused.' }),
    email: t.expose('email', {
      type: 'EmailAddress',
      description: 'The address they sign in with, in canonical form.',
    }),
    emailVerified: t.boolean({
      description: 'True once a mail to this address came back.',
      resolve: (user) => user.emailVerifiedAt !== null,
    }),
    hasPassword: t.boolean({
      description:
        'True when the account has a password. Without one, `requestPasswordReset` mails the way to set it.',
      resolve: (user) => user.passwordHash !== null,
    }),
    name: t.exposeString('name', {
      nullable: true,
      description: 'What they want to be called; null when they did not say.',
    }),
    createdAt: t.expose('createdAt', {
      type: 'DateTime',
      description: 'When the account was made.',
    }),
    updatedAt: t.expose('updatedAt', {
      type: 'DateTime',
      description: 'When anything of the profile last changed.',
    }),
  }),
});
