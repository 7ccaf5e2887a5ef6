import { createPasswordResets, createRegistrations } from '@latchkey/client/proofs';

/** The secrets of this browser's sign-ups: with them the password that was chosen here counts. */
export const registrations = createRegistrations();

/** The secrets of the resets that were asked for here: the codes of their mails belong to them. */
export const resets = createPasswordResets();
