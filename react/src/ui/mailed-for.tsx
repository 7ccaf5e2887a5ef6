import type { MailedToken } from '@latchkey/client/operations';
import { useMessages } from '../context.ts';
import { deviceOf } from '../lib/device.ts';
import { When } from './when.tsx';

/** The address of the mail and the origin of the request, for a person who wonders why the mail came. */
export function MailedFor({ mailed }: { readonly mailed: MailedToken }) {
  const { verifyEmail, devices } = useMessages();
  const { email, requestedAt, ipAddress, userAgent } = mailed;
  const origin = [userAgent && deviceOf(userAgent, devices), ipAddress].filter(Boolean).join(', ');
  return (
    <p className="lk-hint">
      {verifyEmail.mailedTo} <bdi>{email}</bdi> {verifyEmail.mailedOn} <When at={requestedAt} />
      {origin && `, ${verifyEmail.mailedAfter(origin)}`}.
    </p>
  );
}
