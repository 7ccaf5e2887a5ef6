import { createPasswordResets, createRegistrations } from '@latchkey/client/proofs';

/**
 * The secrets of this browser's registrations. With them, the password that was chosen here becomes the
 * account's.
 */
export const registrations = createRegistrations();

/** The secrets of the password resets that this browser requested. The codes in the mails need them. */
export const resets = createPasswordResets();
