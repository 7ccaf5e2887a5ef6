import { match } from '@latchkey/client';
import { revokeOtherSessions, revokeSession, viewerSessions } from '@latchkey/client/operations';
import { useState } from 'react';
import { useMessages } from '../context.ts';
import { useAct } from '../lib/act.ts';
import { useProblems } from '../lib/problem.ts';
import { usePress } from '../lib/use-press.ts';
import { useQuery } from '../lib/use-query.ts';
import { Alert } from '../ui/alert.tsx';
import { Button } from '../ui/button.tsx';
import { useFlash } from '../ui/flash.tsx';
import { Loading } from '../ui/page.tsx';
import { Failed } from '../ui/section.tsx';
import { AccountPage } from './account-page.tsx';
import { DeviceItem } from './device-item.tsx';

/** The devices where the person is signed in, and how to sign them out. */
export function Devices() {
  const act = useAct();
  const showMessage = useFlash();
  const { devices } = useMessages();
  const { problemOf } = useProblems();
  const { pressed, problem, press, waiting } = usePress();
  const [cursors, setCursors] = useState<readonly (string | null)[]>([null]);
  const revoke = async (sessionId: string, device: string) =>
    match(await act(revokeSession, { input: { sessionId } }), {
      SessionsRevoked: () => {
        showMessage(devices.signedOut(device));
        return null;
      },
      NotFoundError: () => ({ summary: devices.alreadyEnded, fields: {} }),
      Error: (refusal) => problemOf(refusal),
    });
  const revokeOthers = async () =>
    match(await act(revokeOtherSessions), {
      SessionsRevoked: ({ count }) => {
        setCursors([null]);
        showMessage(devices.othersSignedOut(count));
        return null;
      },
      Error: (refusal) => problemOf(refusal),
    });
  return (
    <AccountPage title={devices.title} lead={devices.lead}>
      <Alert problem={problem} waiting={waiting} />
      {cursors.map((after, index) => (
        <Slice
          key={after}
          after={after}
          pressed={pressed}
          onRevoke={(id, device) => press(id, () => revoke(id, device))}
          onRevokeOthers={() => press('others', revokeOthers)}
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
  pressed,
  onRevoke,
  onRevokeOthers,
  onMore,
}: {
  readonly after: string | null;
  readonly pressed: string | null;
  readonly onRevoke: (id: string, device: string) => void;
  readonly onRevokeOthers: () => void;
  readonly onMore?: (cursor: string) => void;
}) {
  const { common, devices } = useMessages();
  const { data, error, refetch } = useQuery(
    viewerSessions,
    { first: 20, after },
    { isFresh: true },
  );
  const sessions = data?.sessions;
  if (!sessions) return error ? <Failed onRetry={refetch} /> : <Loading lines={4} />;
  const { endCursor, hasNextPage } = sessions.pageInfo;
  const isAlone = after === null && sessions.edges.length === 1;
  return (
    <>
      <ul className="lk-section lk-list">
        {sessions.edges.map(({ node }) => (
          <DeviceItem key={node.id} session={node} busy={pressed === node.id} onRevoke={onRevoke} />
        ))}
      </ul>
      {onMore && isAlone && <p className="lk-hint">{devices.onlyThis}</p>}
      {onMore && !isAlone && (
        <div className="lk-actions">
          {hasNextPage && endCursor && (
            <Button onClick={() => onMore(endCursor)}>{common.showMore}</Button>
          )}
          <Button busy={pressed === 'others'} onClick={onRevokeOthers}>
            {devices.signOutOthers}
          </Button>
        </div>
      )}
    </>
  );
}
