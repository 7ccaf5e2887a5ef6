import { type SecurityEventType, viewerSecurityEvents } from '@latchkey/client/operations';
import { useState } from 'react';
import { useMessages } from '../context.ts';
import { deviceOf } from '../lib/device.ts';
import { useQuery } from '../lib/use-query.ts';
import { Button } from '../ui/button.tsx';
import { Icon, type IconName } from '../ui/icons.tsx';
import { Loading } from '../ui/page.tsx';
import { Failed } from '../ui/section.tsx';
import { Ago } from '../ui/when.tsx';
import { AccountPage } from './account-page.tsx';

/** The security events of the account. */
export function Activity() {
  const { activity } = useMessages();
  const [cursors, setCursors] = useState<readonly (string | null)[]>([null]);
  return (
    <AccountPage title={activity.title} lead={activity.lead}>
      {cursors.map((after, index) => (
        <Slice
          key={after}
          after={after}
          {...(index === cursors.length - 1 && {
            onMore: (next) => setCursors([...cursors, next]),
          })}
        />
      ))}
    </AccountPage>
  );
}

function Slice({
  after,
  onMore,
}: {
  readonly after: string | null;
  readonly onMore?: (cursor: string) => void;
}) {
  const { activity, common, devices } = useMessages();
  const { data, error, refetch } = useQuery(
    viewerSecurityEvents,
    { first: 20, after },
    { isFresh: true },
  );
  const events = data?.securityEvents;
  if (!events) return error ? <Failed onRetry={refetch} /> : <Loading lines={6} />;
  if (after === null && events.edges.length === 0) return <p>{activity.empty}</p>;
  const { endCursor, hasNextPage } = events.pageInfo;
  return (
    <>
      <ul className="lk-section lk-list">
        {events.edges.map(({ node: { id, type, at, ipAddress, userAgent } }) => (
          <li key={id}>
            <Icon name={iconOf(type)} />
            <div>
              <strong>{activity.events[type]}</strong>
              <p className="lk-hint">
                <Ago at={at} />
                {userAgent && `, ${deviceOf(userAgent, devices)}`}
                {ipAddress && `, ${activity.from(ipAddress)}`}
              </p>
            </div>
          </li>
        ))}
      </ul>
      {onMore && hasNextPage && endCursor && (
        <div className="lk-actions">
          <Button onClick={() => onMore(endCursor)}>{common.showMore}</Button>
        </div>
      )}
    </>
  );
}

/** A picture for the kind of an event. */
function iconOf(type: SecurityEventType): IconName {
  if (/FAILED|REUSED|RATE_LIMITED|DISABLED$|DELETED/.test(type)) return 'alert';
  if (type.startsWith('EMAIL')) return 'mail';
  if (/MFA|FACTOR|BACKUP|REAUTHENTICATED|UNDONE/.test(type)) return 'shield';
  if (/PASSWORD|KEY/.test(type)) return 'key';
  if (/SIGNED_OUT|SESSION/.test(type)) return 'signOut';
  return 'user';
}
