import type { FieldBudget } from '../graphql/budget.ts';
import type { Budget } from '../kernel/rate-limit.ts';
import { BUDGETS } from './budgets.ts';
import { changeCharges, revocationCharges } from './charges.ts';

/**
 * The budget of a mutation of whoever is signed in: the schema counts it, before the resolver runs.
 *
 * @param own further limits, which the operation counts
 */
export function change(...own: readonly Budget[]): FieldBudget {
  return {
    limits: [BUDGETS.changesSession, BUDGETS.changesAccount, BUDGETS.changesSource, ...own],
    charges: (config, { user, session }, client) =>
      changeCharges(config, client, { userId: user.id, sessionId: session.id }),
  };
}

/** The same where the operation counts nothing of its own. */
export const CHANGE: FieldBudget = change();

/** The budget of an act that only takes away access: no neighbor can use it up. */
export const REVOCATION: FieldBudget = {
  limits: [BUDGETS.changesSession, BUDGETS.changesAccount],
  charges: (config, { user, session }, client) =>
    revocationCharges(config, client, { userId: user.id, sessionId: session.id }),
};

/** The budget of a mutation whose operation counts it, toward these limits. */
export function boundedBy(...limits: readonly Budget[]): FieldBudget {
  return { limits };
}
