import type { Deps } from '../deps.ts';
import type { Client } from '../kernel/ports.ts';
import type { MailOrigin } from './messages.ts';

/** The origin of an act of an operator or an administrator: a mail says nothing of who it was or from where (AD-6). */
export const BY_ADMINISTRATOR = {
  ipAddress: null,
  userAgent: null,
  isAdministrator: true,
} as const satisfies MailOrigin;

/**
 * Where a change came from, for the mail about it. The mail about an act of an operator or an administrator says that it
 * was one, and nothing of who it was or from where (AD-6).
 */
export function originOf({ act }: Pick<Deps, 'act'>, client: Client | null): MailOrigin {
  if (act) return BY_ADMINISTRATOR;
  return { ipAddress: client?.ipAddress ?? null, userAgent: client?.userAgent ?? null };
}
