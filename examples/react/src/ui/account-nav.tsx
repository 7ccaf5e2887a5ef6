import { Link } from '../lib/router.tsx';

/** The navigation between the pages of an account. */
export function AccountNav() {
  return (
    <nav aria-label="Account">
      <ul>
        <li>
          <Link to="/account">Account</Link>
        </li>
        <li>
          <Link to="/account/two-step">Two-step verification</Link>
        </li>
        <li>
          <Link to="/account/sessions">Sessions</Link>
        </li>
        <li>
          <Link to="/account/activity">Activity</Link>
        </li>
      </ul>
    </nav>
  );
}
