import type { Deps } from '../../deps.ts';
import type { IssuedProof } from '../../proofs/one-time-token/issue.ts';

/** The link of both mails to the old address: it stops the change or takes it back. */
export function takeBackUrl(config: Pick<Deps['config'], 'appUrl'>, proof: IssuedProof): string {
  return `${config.appUrl}/undo-email-change?token=${proof.token}`;
}
