import { ServiceUnavailableError } from '../../kernel/errors.ts';
import {
  type Bucket,
  MOST_BUCKETS,
  readStatistics,
  type Statistics,
} from '../../statistics/read.ts';
import { builder, readable } from '../graphql/builder.ts';
import { momentRule } from '../inputs.ts';

const StatisticsBucket = builder.enumType('StatisticsBucket', {
  description: 'The length of a bucket. Every bucket begins and ends in UTC.',
  values: {
    HOUR: { description: 'An hour.' },
    DAY: { description: 'A day.' },
    WEEK: { description: 'A week, which begins on Monday.' },
  } as const,
});

const StatisticsPointType = builder.objectRef<Bucket>('StatisticsPoint').implement({
  description: 'What happened in one hour, day or week.',
  fields: (t) => ({
    from: t.expose('from', { type: 'DateTime', description: 'The beginning of the bucket.' }),
    registrations: t.exposeInt('registrations', {
      description:
        'Accounts that people made for themselves. A registration whose address nobody proved is none.',
    }),
    signIns: t.exposeInt('signIns', { description: 'Sessions that people started.' }),
    failedSignIns: t.exposeInt('failedSignIns', {
      description: 'Failed sign-ins: with a password, by mail, with a passkey and with a provider.',
    }),
    secondFactorFailures: t.exposeInt('secondFactorFailures', {
      description: 'Second factors that failed.',
    }),
    passwordResets: t.exposeInt('passwordResets', {
      description: 'Passwords that were set with a mailed reset.',
    }),
  }),
});

const StatisticsTotalsType = builder
  .objectRef<NonNullable<Statistics['totals']>>('StatisticsTotals')
  .implement({
    description: 'The current totals.',
    fields: (t) => ({
      at: t.expose('at', {
        type: 'DateTime',
        description: 'When the totals were counted: at most about an hour ago.',
      }),
      users: t.exposeInt('users', { description: 'People with an account.' }),
      verified: t.exposeInt('verified', { description: 'People who have proven their address.' }),
      withSecondFactor: t.exposeInt('withSecondFactor', {
        description: 'People with a second factor.',
      }),
      withPasskey: t.exposeInt('withPasskey', { description: 'People with a passkey.' }),
      disabled: t.exposeInt('disabled', { description: 'People whose account is disabled.' }),
      liveSessions: t.exposeInt('liveSessions', { description: 'Sessions that have not ended.' }),
    }),
  });

const StatisticsType = builder.objectRef<Statistics>('Statistics').implement({
  description: 'Counts for each bucket of a period, and the current totals.',
  fields: (t) => ({
    buckets: t.field({
      type: [StatisticsPointType],
      description: 'The buckets of the period, oldest first, also those in which nothing happened.',
      resolve: ({ buckets }) => [...buckets],
    }),
    totals: t.field({
      type: StatisticsTotalsType,
      description:
        'The newest totals. The first start counts them before anything else; until then the answer is SERVICE_UNAVAILABLE.',
      resolve({ totals }) {
        if (!totals) throw new ServiceUnavailableError();
        return totals;
      },
    }),
  }),
});

builder.queryField('statistics', (t) =>
  t.field({
    ...readable('STATISTICS_READ'),
    type: StatisticsType,
    description: `What happened in a period. It is counted from the audit log in the background, two minutes behind it, and stays when the events are purged. At most ${MOST_BUCKETS} buckets.`,
    args: {
      from: t.arg({
        type: 'DateTime',
        required: true,
        description: 'The first bucket is the one that contains this time.',
        validate: { schema: momentRule },
      }),
      to: t.arg({
        type: 'DateTime',
        required: true,
        description:
          'The period ends before this time. The last bucket is the one that contains its end.',
        validate: { schema: momentRule },
      }),
      bucket: t.arg({
        type: StatisticsBucket,
        required: true,
        description: 'The length of each bucket.',
      }),
    },
    resolve: async (_root, args, { deps }) => await readStatistics(deps, args),
  }),
);
