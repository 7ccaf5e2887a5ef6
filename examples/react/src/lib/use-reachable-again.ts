import { useClient } from 'urql';
import { graphql } from '../generated';
import { useRetry } from './use-retry.ts';

const Answering = graphql(`
  query Answering {
    authSettings { passwordMinLength }
  }
`);

/** Calls back once the server answers again, after a request that got no answer. */
export function useReachableAgain(lost: boolean, onBack: () => void): void {
  const client = useClient();
  useRetry(lost, () => {
    client
      .query(Answering, {}, { requestPolicy: 'network-only' })
      .toPromise()
      .then(({ data }) => {
        if (data) onBack();
      });
  });
}
