import { deviceOf } from '../lib/device.ts';
import { When } from './when.tsx';

/** The address of the mail and the origin of the request, for a person who wonders why the mail came. */
export function MailedFor({
  mailed,
}: {
  readonly mailed: {
    readonly email: string;
    readonly requestedAt: string;
    readonly ipAddress: string | null;
    readonly userAgent: string | null;
  };
}) {
  const { email, requestedAt, ipAddress, userAgent } = mailed;
  const origin = [userAgent && deviceOf(userAgent), ipAddress].filter(Boolean).join(', ');
  return (
    <p className="hint">
      Mailed to <bdi>{email}</bdi> on <When at={requestedAt} />
      {origin && `, after a request from ${origin}`}.
    </p>
  );
}
