import { match } from '@latchkey/client';
import { useState } from 'react';
import { useQuery } from 'urql';
import { graphql } from '../generated';
import { useAct } from '../lib/act.ts';
import { problemOf } from '../lib/problem.ts';
import { usePress } from '../lib/use-press.ts';
import { Alert } from '../ui/alert.tsx';
import { Button } from '../ui/button.tsx';
import { useFlash } from '../ui/flash.tsx';
import { Loading, Page } from '../ui/page.tsx';
import { Failed } from '../ui/section.tsx';
import { SessionItem } from '../ui/session-item.tsx';

const Sessions = graphql(`
  query Sessions($after: String) {
    viewer {
      sessions(first: 20, after: $after) {
        edges { node { id current createdAt lastUsedAt ipAddress userAgent } }
        pageInfo { endCursor hasNextPage }
      }
    }
  }
`);

const RevokeSession = graphql(`
  mutation RevokeSession($input: RevokeSessionInput!) {
    revokeSession(input: $input) {
      __typename
      ... on SessionsRevoked { count viewer { user { id } } }
      ...Refusal
    }
  }
`);

const RevokeOtherSessions = graphql(`
  mutation RevokeOtherSessions {
    revokeOtherSessions {
      __typename
      ... on SessionsRevoked { count viewer { user { id } } }
      ...Refusal
    }
  }
`);

/** The sessions of the person, and how to end them. */
export function SessionsPage() {
  const act = useAct();
  const showMessage = useFlash();
  const { pressed, problem, press, waiting } = usePress();
  const [cursors, setCursors] = useState<readonly (string | null)[]>([null]);
  const revoke = async (sessionId: string, device: string) =>
    match(await act(RevokeSession, { input: { sessionId } }), {
      SessionsRevoked: () => {
        showMessage(`${device} was signed out.`);
        return null;
      },
      NotFoundError: () => ({ summary: 'That session has already ended.', fields: {} }),
      Error: (refusal) => problemOf(refusal),
    });
  const revokeOthers = async () =>
    match(await act(RevokeOtherSessions, {}), {
      SessionsRevoked: ({ count }) => {
        setCursors([null]);
        showMessage(
          count === 1
            ? 'One other session was signed out.'
            : `${count} other sessions were signed out.`,
        );
        return null;
      },
      Error: (refusal) => problemOf(refusal),
    });
  return (
    <Page
      title="Your sessions"
      lead="The devices where you are signed in. Do you recognize all of them?"
      wide
    >
      <Alert problem={problem} waiting={waiting} />
      {cursors.map((after, index) => (
        <SessionsSlice
          key={after}
          after={after}
          pressed={pressed}
          onRevoke={(id, device) => press(id, () => revoke(id, device))}
          {...(index === cursors.length - 1 && {
            onMore: (next) => setCursors([...cursors, next]),
          })}
        />
      ))}
      <div className="actions">
        <Button busy={pressed === 'others'} onClick={() => press('others', revokeOthers)}>
          Sign out everywhere else
        </Button>
      </div>
    </Page>
  );
}

function SessionsSlice({
  after,
  pressed,
  onRevoke,
  onMore,
}: {
  readonly after: string | null;
  readonly pressed: string | null;
  readonly onRevoke: (id: string, device: string) => void;
  readonly onMore?: (cursor: string) => void;
}) {
  const [{ data, error }, ask] = useQuery({
    query: Sessions,
    variables: { after },
    requestPolicy: 'cache-and-network',
  });
  const sessions = data?.viewer?.sessions;
  if (!sessions) {
    return error ? <Failed onRetry={() => ask({ requestPolicy: 'network-only' })} /> : <Loading />;
  }
  const { endCursor, hasNextPage } = sessions.pageInfo;
  return (
    <>
      <ul className="list card">
        {sessions.edges.map(({ node }) => (
          <SessionItem
            key={node.id}
            session={node}
            busy={pressed === node.id}
            onRevoke={onRevoke}
          />
        ))}
      </ul>
      {onMore && hasNextPage && endCursor && (
        <Button onClick={() => onMore(endCursor)}>Show more</Button>
      )}
    </>
  );
}
