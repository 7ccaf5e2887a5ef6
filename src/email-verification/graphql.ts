import { builder } from '../graphql/builder.ts';
import type { EmailVerificationRequired } from './send.ts';
import type { EmailSent } from './sent.ts';

export const EmailVerificationRequiredType = builder
  .objectRef<EmailVerificationRequired>('EmailVerificationRequired')
  .implement({
    description: 'The address must be proven first; a mail with a link and a code is on its way.',
    fields: (t) => ({
      email: t.expose('email', {
        type: 'EmailAddress',
        description: 'Where the mail goes, in canonical form.',
      }),
      expiresAt: t.expose('expiresAt', {
        type: 'DateTime',
        description: 'When the link in the mail is over. The code is over after ten minutes.',
      }),
    }),
  });

export const EmailSentType = builder.objectRef<EmailSent>('EmailSent').implement({
  description: 'Accepted. Whether anything was mailed is not said.',
  fields: (t) => ({
    email: t.expose('email', {
      type: 'EmailAddress',
      description: 'The address that was asked for, in canonical form.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description: 'When what such a mail carries is over.',
    }),
  }),
});
