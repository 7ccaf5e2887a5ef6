import { builder, readable } from '../graphql/builder.ts';
import { ATTENTION_KINDS, type Attention, type AttentionKind, findAttention } from './find.ts';

const AttentionKindType = builder.enumType('AttentionKind', {
  description: 'What an operator should look at.',
  values: Object.fromEntries(
    Object.entries(ATTENTION_KINDS).map(([kind, description]) => [kind, { description }]),
  ) as Record<AttentionKind, { description: string }>,
});

const AttentionType = builder.objectRef<Attention>('Attention').implement({
  description: 'Something that an operator should look at.',
  fields: (t) => ({
    kind: t.expose('kind', { type: AttentionKindType, description: 'The cause.' }),
    subject: t.exposeString('subject', {
      description:
        'The subject: a number and a reason, a key, a limit, a table or the names of migrations. Never an address.',
    }),
    since: t.expose('since', {
      type: 'DateTime',
      description:
        'When it began; the time of the answer where nothing has recorded the beginning.',
    }),
  }),
});

builder.queryField('attention', (t) =>
  t.field({
    ...readable('STATISTICS_READ'),
    type: [AttentionType],
    description:
      'Everything that an operator should look at now; empty if all is well. `latchkey doctor` says more, and what to do.',
    resolve: async (_root, _args, { deps }) => [...(await findAttention(deps))],
  }),
);
