import { keepPartitionsAhead } from '../audit/partitions.ts';
import { countPurgeable, purgeAll } from '../retention/purge.ts';
import { purgesOf } from '../retention/purges.ts';
import { amount } from './affected.ts';
import { command } from './command.ts';
import { withDatabase } from './with-database.ts';

export const purgeCommand = command({
  name: 'purge',
  summary: 'remove expired rows now; as the owner of the tables, old audit events as well',
  parameters: {},
  async loss(_, terminal) {
    const found = await withDatabase(terminal, (deps) =>
      countPurgeable(deps, purgesOf(deps.config)),
    );
    const rows = Object.values(found).reduce((sum, n) => sum + n, 0);
    const tables = Object.entries(found).map(([table, n]) => `${table} ${n}`);
    return { rows, what: `remove ${amount(rows, 'row')} (${tables.join(', ')})` };
  },
  async run(_, terminal) {
    const pass = await withDatabase(terminal, (deps) =>
      purgeAll(deps, purgesOf(deps.config), {
        force: true,
        prepare: () => keepPartitionsAhead(deps),
      }),
    );
    if (!pass)
      return {
        rows: [],
        lines: [],
        notes: ['Another process has taken over the purge.'],
        exitCode: 1,
      };
    const rows = Object.entries(pass.removed).map(([table, removed]) => ({ table, removed }));
    return {
      rows,
      lines: rows.map(({ table, removed }) => `${table} ${removed}`),
      notes: pass.failed.map((table) => `${table} could not be purged.`),
      exitCode: pass.failed.length === 0 ? 0 : 1,
    };
  },
});
