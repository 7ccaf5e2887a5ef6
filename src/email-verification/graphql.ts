import { builder } from '../graphql/builder.ts';
import type { EmailSent, EmailVerificationRequired, PasswordNeeded } from './outcomes.ts';

export const EmailVerificationRequiredType = builder
  .objectRef<EmailVerificationRequired>('EmailVerificationRequired')
  .implement({
    description:
      'The email address must be verified first. A mail with a link and a code is on its way. The answer is the same for every address.',
    fields: (t) => ({
      email: t.expose('email', {
        type: 'EmailAddress',
        description: 'The address that the mail is sent to, in canonical form.',
      }),
      expiresAt: t.expose('expiresAt', {
        type: 'DateTime',
        description: 'When the link in the mail expires. The code expires after ten minutes.',
      }),
      registrationToken: t.exposeString('registrationToken', {
        description:
          'A secret of this browser. Store it under the address until the address is verified, in a place that every tab of the browser can read (localStorage). Send it with `verifyEmail`, `resendEmailVerification`, `register` and `login`: it makes the password chosen in this browser the password of the account. It is not a session and proves nothing by itself. Never put it in a URL.',
      }),
      resendableAt: t.expose('resendableAt', {
        type: 'DateTime',
        description:
          'When the mail can be requested again. Only requests made through this API count, so the value reveals nothing about the address.',
      }),
    }),
  });

export const PasswordNeededType = builder.objectRef<PasswordNeeded>('PasswordNeeded').implement({
  description:
    'The proof is valid and has not been used, but no password that counts came with it: the mail was opened in another browser than the one that signed up, or someone else requested the mail. Send the same proof again with a new password.',
  fields: (t) => ({
    email: t.expose('email', {
      type: 'EmailAddress',
      description: 'The address that the mail was sent to.',
    }),
  }),
});

export const EmailSentType = builder.objectRef<EmailSent>('EmailSent').implement({
  description: 'The request was accepted. The answer does not reveal whether a mail was sent.',
  fields: (t) => ({
    email: t.expose('email', {
      type: 'EmailAddress',
      description: 'The requested address, in canonical form.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description: 'When the link or the code in such a mail expires.',
    }),
    resendableAt: t.expose('resendableAt', {
      type: 'DateTime',
      description:
        'When another mail can be requested. Only requests made through this API count, so the value reveals nothing about the address.',
    }),
    resetToken: t.string({
      nullable: true,
      description:
        'Only from `requestPasswordReset`: a secret of this browser. The code in the mail works only together with it; send it with `resetPassword`. Every address gets one, whether or not a mail was sent, and it proves nothing by itself. Never put it in a URL.',
      resolve: (sent) => sent.resetToken ?? null,
    }),
  }),
});
