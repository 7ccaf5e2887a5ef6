import { useClient } from 'urql';
import { graphql } from '../generated';
import { useRetry } from './use-retry.ts';

const Answering = graphql(`
  query Answering {
    authSettings { passwordMinLength }
  }
`);

/** Calls back when the server responds again after a request without a response. */
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
