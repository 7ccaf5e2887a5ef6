import { recordAudit } from '../audit/record.ts';
import type { Executor } from '../db/driver/client.ts';
import type { Deps } from '../deps.ts';
import { nextStep, type Step } from './next-step.ts';
import { generateSealedKey } from './sealed-key.ts';
import { deleteSigningKeys, insertSigningKey, selectSigningKeys, setActiveFrom } from './store.ts';

type Needs = Pick<Deps, 'config' | 'clock' | 'random' | 'keyring' | 'operator'>;

/** Takes every step that is due. In the caller's transaction, which holds the keys' lock. */
export async function settle(deps: Needs, executor: Executor): Promise<void> {
  const now = deps.clock.now();
  const due = async () =>
    nextStep(await selectSigningKeys(executor), now, deps.config.signingKeyLifetime);
  for (let step = await due(); step; step = await due()) await take(deps, executor, step, now);
}

/** Makes a key and stores it, published from now on. */
export async function publishKey(
  deps: Needs,
  executor: Executor,
  dates: { readonly createdAt: Date; readonly activeFrom: Date },
): Promise<string> {
  const key = await generateSealedKey(deps.keyring);
  await insertSigningKey(executor, { ...key, ...dates, revokedAt: null });
  await recordAudit(deps, executor, {
    type: 'SIGNING_KEY_ROTATED',
    userId: null,
    client: null,
    detail: { kid: key.kid, activeFrom: dates.activeFrom.toISOString() },
  });
  return key.kid;
}

async function take(deps: Needs, executor: Executor, step: Step, now: Date): Promise<void> {
  switch (step.kind) {
    case 'publish':
      await publishKey(deps, executor, { createdAt: now, activeFrom: step.activeFrom });
      return;
    case 'activate':
      await setActiveFrom(executor, step.kid, step.activeFrom);
      return;
    case 'forget':
      await deleteSigningKeys(executor, step.kids);
      return;
  }
}
