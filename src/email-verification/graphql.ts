import { builder } from '../graphql/builder.ts';
import type { PasswordNeeded } from './password-needed.ts';
import type { EmailVerificationRequired } from './send.ts';
import type { EmailSent } from './sent.ts';

export const EmailVerificationRequiredType = builder
  .objectRef<EmailVerificationRequired>('EmailVerificationRequired')
  .implement({
    description:
      'The address must be proven first; a mail with a link and a code is on its way. The answer is the same for every address.',
    fields: (t) => ({
      email: t.expose('email', {
        type: 'EmailAddress',
        description: 'Where the mail goes, in canonical form.',
      }),
      expiresAt: t.expose('expiresAt', {
        type: 'DateTime',
        description: 'When the link in the mail expires. The code expires after ten minutes.',
      }),
      registrationToken: t.exposeString('registrationToken', {
        description:
          'Secret of this browser. Keep it by address until the address is proven, where every tab of the browser finds it (localStorage), and send it with `verifyEmail`, `resendEmailVerification`, `register` and `login`: it makes the password chosen here the one of the account. It is no session and proves nothing alone. Never put it into a URL.',
      }),
      resendableAt: t.expose('resendableAt', {
        type: 'DateTime',
        description:
          'From when on the mail can be asked for again. It counts what was asked for here and nothing else, so it says nothing about the address.',
      }),
    }),
  });

export const PasswordNeededType = builder.objectRef<PasswordNeeded>('PasswordNeeded').implement({
  description:
    'The proof is good and was not used up, but no password came with it that counts: the mail was opened in another browser than the one that signed up, or somebody else asked for it. Send the same proof again with a new password.',
  fields: (t) => ({
    email: t.expose('email', {
      type: 'EmailAddress',
      description: 'The address that the mail went to.',
    }),
  }),
});

export const EmailSentType = builder.objectRef<EmailSent>('EmailSent').implement({
  description: 'Accepted. The answer does not say whether anything was mailed.',
  fields: (t) => ({
    email: t.expose('email', {
      type: 'EmailAddress',
      description: 'The address that was asked for, in canonical form.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description: 'When what such a mail carries expires.',
    }),
    resendableAt: t.expose('resendableAt', {
      type: 'DateTime',
      description:
        'From when on another mail can be asked for. It counts what was asked for here and nothing else, so it says nothing about the address.',
    }),
    resetToken: t.string({
      nullable: true,
      description:
        'Only of `requestPasswordReset`: the secret of this browser, with which the code in the mail counts. Send it with `resetPassword`. It is given for every address, whether or not anything was mailed, and proves nothing alone. Never put it into a URL.',
      resolve: (sent) => sent.resetToken ?? null,
    }),
  }),
});
