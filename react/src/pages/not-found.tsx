import { useMessages } from '../context.ts';
import { Link } from '../navigation.tsx';
import { Page } from '../ui/page.tsx';

/** The page for unknown addresses. */
export function NotFound() {
  const { common } = useMessages();
  return (
    <Page title={common.notFoundTitle} lead={common.notFoundLead}>
      <Link to="/" className="lk-button lk-primary">
        <span>{common.goToStart}</span>
      </Link>
    </Page>
  );
}
