import { recordAudit } from '../audit/record.ts';
import type { Executor } from '../db/executor.ts';
import { run } from '../db/executor.ts';
import type { Deps } from '../deps.ts';
import { after, DAY } from '../kernel/duration.ts';
import { generateSealedKey } from './sealed-key.ts';
import { deleteSigningKeys, insertSigningKey, selectSigningKeys, setActiveFrom } from './store.ts';
import { earliestUse, forgettableAt, type KeyDates, pendingAt, signingAt } from './timeline.ts';

/** One step of the rotation. */
type Step =
  | { readonly kind: 'publish'; readonly activeFrom: Date }
  | { readonly kind: 'activate'; readonly kid: string; readonly activeFrom: Date }
  | { readonly kind: 'forget'; readonly kids: readonly string[] };

/**
 * The rule of the rotation: one key signs, another one has long been published and waits, and no
 * expired key is kept. Because a key waits, resource servers notice neither a planned rotation nor an
 * emergency (TK-10, TK-11).
 *
 * @param lifetime how long a key signs, in milliseconds
 * @returns null if no step is due
 */
export function nextStep(keys: readonly KeyDates[], now: Date, lifetime: number): Step | null {
  const signing = signingAt(keys, now);
  const [waiting] = pendingAt(keys, now);
  if (!signing) {
    return waiting
      ? { kind: 'activate', kid: waiting.kid, activeFrom: now }
      : { kind: 'publish', activeFrom: now };
  }
  const end = after(signing.activeFrom, lifetime);
  if (!waiting) return { kind: 'publish', activeFrom: earliestUse({ createdAt: now }, end) };
  const due = earliestUse(waiting, end > now ? end : now);
  // The lifetime was shortened, or the key that was to sign before this one was revoked.
  if (due < waiting.activeFrom) return { kind: 'activate', kid: waiting.kid, activeFrom: due };
  const kids = forgettableAt(keys, now);
  return kids.length > 0 ? { kind: 'forget', kids } : null;
}

/** When the current key began to sign and when the next one takes over; null if no key signs. */
export function nextRotation(
  keys: readonly KeyDates[],
  now: Date,
  lifetime: number,
): { readonly activeSince: Date; readonly nextRotation: Date } | null {
  const signing = signingAt(keys, now);
  if (!signing) return null;
  const [waiting] = pendingAt(keys, now);
  const { activeFrom } = signing;
  return {
    activeSince: activeFrom,
    nextRotation: waiting?.activeFrom ?? after(activeFrom, lifetime),
  };
}

/** How late a running server may rotate: a step is due once an hour at the latest. */
const ROTATION_DELAY = DAY;

/**
 * Since when the rotation is overdue: the signing key has been signing for longer than its lifetime, and no running server
 * has replaced it.
 *
 * @returns null if the rotation is on time, or if no key signs
 */
export function overdueSince(
  signing: Pick<KeyDates, 'activeFrom'> | null,
  now: Date,
  lifetime: number,
): Date | null {
  const due = signing && after(signing.activeFrom, lifetime);
  return due && after(due, ROTATION_DELAY) < now ? due : null;
}

type Needs = Pick<Deps, 'config' | 'clock' | 'random' | 'keyring' | 'act'>;

/** Applies every step that is due. The caller's transaction must have locked the signing keys. */
export async function applyDueRotation(deps: Needs, executor: Executor): Promise<void> {
  const now = deps.clock.now();
  const due = async () =>
    nextStep(await run(executor, selectSigningKeys()), now, deps.config.signingKeyLifetime);
  for (let step = await due(); step; step = await due()) await apply(deps, executor, step, now);
}

async function apply(deps: Needs, executor: Executor, step: Step, now: Date): Promise<void> {
  switch (step.kind) {
    case 'publish':
      await publishKey(deps, executor, { createdAt: now, activeFrom: step.activeFrom });
      return;
    case 'activate':
      await run(executor, setActiveFrom(step.kid, step.activeFrom));
      return;
    case 'forget':
      await run(executor, deleteSigningKeys(step.kids));
      return;
  }
}

/** Creates and stores a key. It is published at once and signs from `activeFrom` on. */
export async function publishKey(
  deps: Needs,
  executor: Executor,
  dates: { readonly createdAt: Date; readonly activeFrom: Date },
): Promise<string> {
  const key = await generateSealedKey(deps.keyring);
  await run(executor, insertSigningKey({ ...key, ...dates, revokedAt: null }));
  await run(
    executor,
    recordAudit(deps, {
      type: 'SIGNING_KEY_ROTATED',
      userId: null,
      client: null,
      detail: { kid: key.kid, activeFrom: dates.activeFrom.toISOString() },
    }),
  );
  return key.kid;
}
