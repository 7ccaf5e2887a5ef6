import type { RunningSetting } from '../../settings/describe.ts';
import { builder, readable } from '../graphql/builder.ts';

const SettingType = builder.objectRef<RunningSetting>('Setting').implement({
  description: 'A setting as the process that answers runs it.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The name of the environment variable.' }),
    value: t.exposeString('value', {
      nullable: true,
      description: 'The value; null for a secret, and if there is none.',
    }),
    source: t.exposeString('source', {
      description: 'Where the value comes from: `environment`, `file` or `default`.',
    }),
  }),
});

builder.queryField('settings', (t) =>
  t.field({
    ...readable('STATISTICS_READ'),
    type: [SettingType],
    description: 'Every setting, in the order of the documentation. Secrets have no value.',
    resolve: (_root, _args, { deps }) => [...deps.config.shown],
  }),
);
