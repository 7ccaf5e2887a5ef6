import { recordAudit } from '../audit/record.ts';
import type { Executor } from '../db/executor.ts';
import { run } from '../db/executor.ts';
import type { User } from '../db/tables/user.ts';
import type { Deps } from '../deps.ts';
import type { Client } from '../kernel/ports.ts';
import { enqueueMail } from '../mail/enqueue.ts';
import { countUnusedCodes } from '../proofs/backup-code/store.ts';

/** At this number of unused codes or fewer, the person is notified that they are running out (BC-5). */
const LOW = 3;

/** Records and mails the use of a backup code, in the transaction that used it. */
export async function reportUsedBackupCode(
  deps: Pick<Deps, 'clock' | 'random' | 'keyring'>,
  executor: Executor,
  user: User,
  client: Client,
): Promise<void> {
  const remaining = await run(executor, countUnusedCodes(user.id));
  const at = deps.clock.now();
  await run(
    executor,
    recordAudit(deps, {
      type: 'BACKUP_CODE_USED',
      userId: user.id,
      client,
      detail: { remaining },
    }),
  );
  await run(
    executor,
    enqueueMail(deps, {
      to: user.email,
      message: { template: 'backup-code-used', at, from: client, remaining },
    }),
  );
  if (remaining > LOW) return;
  await run(
    executor,
    enqueueMail(deps, {
      to: user.email,
      message: { template: 'backup-codes-low', remaining },
    }),
  );
}
