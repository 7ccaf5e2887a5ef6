import { emailOf, PASSWORD } from '../../../bench/lib/seed.ts';
import { LOGIN, REFRESH } from '../../support/journeys.ts';
import { isUnavailable, kindOf } from '../kit/balancer.ts';
import { checkLedger, describeFindings, isClean } from '../kit/check.ts';
import { anyAddress, view } from '../kit/device.ts';
import { surviveFullDisk } from '../kit/full-disk.ts';
import { openLedger } from '../kit/ledger.ts';
import { signInDevices } from '../kit/load.ts';
import { type Stage, withStage } from '../kit/stage.ts';
import { type FaultRow, type FaultRun, type Verdict, verdict } from '../row.ts';

const PEOPLE = 10;

/** Every session of the server's from now on; those it has are ended, as by a failover. */
async function setReadOnly({ sql, databaseUrl }: Stage, isReadOnly: boolean): Promise<void> {
  const name = new URL(databaseUrl).pathname.slice(1);
  await sql.begin(async (tx) => {
    await tx`set transaction read write`;
    await tx.unsafe(
      `alter database ${name} set default_transaction_read_only = ${isReadOnly ? 'on' : 'off'}`,
    );
  });
  await sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'latchkey'`;
}

/**
 * A primary that became a standby, or has no room left: reading goes on, writing is "not now", and
 * comes back by itself.
 */
export const row: FaultRow = {
  number: 20,
  name: 'a read-only database, a full disk',
  run: async (run) => {
    const readOnly = await surviveReadOnly(run);
    const full = await surviveFullDisk(run);
    return {
      passes: readOnly.passes && full.passes,
      figure: `${readOnly.figure}; ${full.figure}`,
    };
  },
};

function surviveReadOnly(run: FaultRun): Promise<Verdict> {
  return withStage(run, { people: PEOPLE }, async (stage) => {
    const ledger = openLedger();
    const { balancer } = stage;
    const client = { balancer, ledger };
    const devices = await signInDevices(client, PEOPLE);
    const writes = async () => {
      const refusals: boolean[] = [];
      for (const { refreshToken, from, email } of devices) {
        const input = { email, password: PASSWORD };
        refusals.push(
          isUnavailable(await balancer.once(REFRESH, { input: { refreshToken } }, { from })),
        );
        refusals.push(isUnavailable(await balancer.once(LOGIN, { input }, { from })));
      }
      return refusals;
    };
    await setReadOnly(stage, true);
    // The first call may meet a connection that was just ended.
    const [first] = devices;
    while (first && !(await view({ balancer, ledger: openLedger() }, first)));
    const reads = [];
    for (const device of devices) reads.push(await view(client, device));
    const refusals = await writes();
    await setReadOnly(stage, false);
    const input = { email: emailOf(1), password: PASSWORD };
    const since = performance.now();
    let login = '';
    while (login !== 'SignedIn' && performance.now() - since < 10_000) {
      login = kindOf(await balancer.once(LOGIN, { input }, { from: anyAddress() }));
    }
    const found = await checkLedger(ledger, stage);
    const refused = refusals.filter(Boolean).length;
    return verdict(
      `${reads.filter(Boolean).length} of ${reads.length} reads right, ${refused} of ` +
        `${refusals.length} writes 503, then ${login}; ${describeFindings(found)}`,
      {
        'reads go on': reads.every(Boolean),
        'writes are refused': refusals.every(Boolean),
        'it comes back': login === 'SignedIn',
        ledger: isClean(found),
      },
    );
  });
}
