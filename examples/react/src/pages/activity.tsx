import { useState } from 'react';
import { useQuery } from 'urql';
import { graphql } from '../generated';
import { deviceOf } from '../lib/device.ts';
import { EVENT_WORDS } from '../lib/event-words.ts';
import { Button } from '../ui/button.tsx';
import { Loading, Page } from '../ui/page.tsx';
import { Failed } from '../ui/section.tsx';
import { When } from '../ui/when.tsx';

const SecurityEvents = graphql(`
  query SecurityEvents($after: String) {
    viewer {
      securityEvents(first: 20, after: $after) {
        edges { node { id type at ipAddress userAgent } }
        pageInfo { endCursor hasNextPage }
      }
    }
  }
`);

/** The security events of the account. */
export function Activity() {
  const [cursors, setCursors] = useState<readonly (string | null)[]>([null]);
  return (
    <Page
      title="Security activity"
      lead="Security-related activity on your account, newest first."
      wide
    >
      {cursors.map((after, index) => (
        <EventsSlice
          key={after}
          after={after}
          {...(index === cursors.length - 1 && {
            onMore: (next) => setCursors([...cursors, next]),
          })}
        />
      ))}
    </Page>
  );
}

function EventsSlice({
  after,
  onMore,
}: {
  readonly after: string | null;
  readonly onMore?: (cursor: string) => void;
}) {
  const [{ data, error }, ask] = useQuery({
    query: SecurityEvents,
    variables: { after },
    requestPolicy: 'cache-and-network',
  });
  const events = data?.viewer?.securityEvents;
  if (!events) {
    return error ? <Failed onRetry={() => ask({ requestPolicy: 'network-only' })} /> : <Loading />;
  }
  const { endCursor, hasNextPage } = events.pageInfo;
  return (
    <>
      <ul className="list card">
        {events.edges.map(({ node: { id, type, at, ipAddress, userAgent } }) => (
          <li key={id}>
            <div>
              <strong>{EVENT_WORDS[type]}</strong>
              <p className="hint">
                <When at={at} />
                {userAgent && `, ${deviceOf(userAgent)}`}
                {ipAddress && `, from ${ipAddress}`}
              </p>
            </div>
          </li>
        ))}
      </ul>
      {onMore && hasNextPage && endCursor && (
        <Button onClick={() => onMore(endCursor)}>Show more</Button>
      )}
    </>
  );
}
