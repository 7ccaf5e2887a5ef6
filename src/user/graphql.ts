import type { User } from '../db/tables/user.ts';
import { builder } from '../graphql/builder.ts';
import { NodeInterface } from '../graphql/node.ts';

export const UserType = builder.objectRef<User>('User').implement({
  description: 'A person with an account.',
  interfaces: [NodeInterface],
  fields: (t) => ({
    id: t.exposeID('id', { description: 'A UUIDv7. It never changes and is never reused.' }),
    email: t.expose('email', {
      type: 'EmailAddress',
      description: 'The email address that they sign in with, in canonical form.',
    }),
    emailVerified: t.boolean({
      description: 'True once the person has proven that they receive mail at this address.',
      resolve: (user) => user.emailVerifiedAt !== null,
    }),
    hasPassword: t.boolean({
      description:
        'True if the account has a password. If not, `requestPasswordReset` mails a link to set one.',
      resolve: (user) => user.passwordHash !== null,
    }),
    name: t.exposeString('name', {
      nullable: true,
      description: 'The name that they want to be called by; null if they gave none.',
    }),
    picture: t.expose('picture', {
      type: 'URL',
      nullable: true,
      description:
        'The https URL of a picture; null if they gave none. This server does not load it. Whoever shows it lets its host see who looks.',
    }),
    locale: t.expose('locale', {
      type: 'Locale',
      nullable: true,
      description: 'The language that they prefer; null if they gave none.',
    }),
    preferences: t.expose('preferences', {
      type: 'JSONObject',
      description:
        'The person’s own settings for the application, at most 4 KiB. They are in no token.',
    }),
    attributes: t.expose('attributes', {
      type: 'JSONObject',
      description: 'What administrators have noted about the person, at most 4 KiB.',
    }),
    createdAt: t.expose('createdAt', {
      type: 'DateTime',
      description: 'When the account was created.',
    }),
    updatedAt: t.expose('updatedAt', {
      type: 'DateTime',
      description: 'When the profile last changed.',
    }),
  }),
});
