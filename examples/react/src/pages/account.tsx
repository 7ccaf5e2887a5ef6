import { useQuery } from 'urql';
import { graphql } from '../generated';
import { Loading, Page } from '../ui/page.tsx';

const Me = graphql(`
  query Me {
    viewer { user { id email name } }
  }
`);

/** Who is signed in. */
export function AccountPage() {
  const [{ data }] = useQuery({ query: Me });
  const user = data?.viewer?.user;
  return <Page title="Your account">{user ? <p>{user.email}</p> : <Loading />}</Page>;
}
