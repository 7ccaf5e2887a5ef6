import { run } from '../../db/executor.ts';
import { emailRule } from '../../graphql/inputs.ts';
import { listWaiting, type WaitingRegistration } from '../../registration/store.ts';
import { builder, readable } from '../graphql/builder.ts';

const WaitingRegistrationType = builder
  .objectRef<WaitingRegistration>('WaitingRegistration')
  .implement({
    description:
      'A registration that waits until somebody proves its address. It is not an account, and several may wait for one address.',
    fields: (t) => ({
      email: t.expose('email', { type: 'EmailAddress', description: 'The address.' }),
      requestedAt: t.expose('requestedAt', {
        type: 'DateTime',
        description: 'When it was last requested.',
      }),
      expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'When it expires.' }),
      mailsSent: t.exposeInt('mailsSent', {
        description:
          'How many mails with a proof of the address the mail server has accepted since the registration was made.',
      }),
    }),
  });

builder.queryField('registrations', (t) =>
  t.field({
    ...readable('USERS_READ'),
    type: [WaitingRegistrationType],
    description: 'The registrations that wait for an address, newest first, at most 100.',
    args: {
      email: t.arg({
        type: 'EmailAddress',
        required: true,
        description: 'The address.',
        validate: { schema: emailRule },
      }),
    },
    resolve: async (_root, { email }, { deps }) => [
      ...(await run(deps.db, listWaiting({ email, now: deps.clock.now() }))),
    ],
  }),
);
