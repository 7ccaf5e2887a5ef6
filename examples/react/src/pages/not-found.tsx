import { Link } from '../lib/router.tsx';
import { Page } from '../ui/page.tsx';

/** The page for unknown addresses. */
export function NotFound() {
  return (
    <Page title="Page not found" lead="There is nothing at this address.">
      <Link to="/">Go to the start</Link>
    </Page>
  );
}
