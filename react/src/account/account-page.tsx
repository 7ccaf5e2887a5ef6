import type { ReactNode } from 'react';
import { useLatchkey } from '../context.ts';
import { Link } from '../navigation.tsx';
import { Icon } from '../ui/icons.tsx';
import { PageHeading } from '../ui/page.tsx';

/** One page of the account. A page below another one leads back to it. */
export function AccountPage({
  title,
  lead,
  back,
  children,
}: {
  readonly title: string;
  readonly lead?: ReactNode;
  /** The words of the link back to the account; none on the pages of the navigation. */
  readonly back?: string;
  readonly children?: ReactNode;
}) {
  const { paths } = useLatchkey();
  return (
    <article className="lk-account-page">
      {back && (
        <p className="lk-back">
          <Link to={paths.account}>
            <Icon name="back" />
            {back}
          </Link>
        </p>
      )}
      <PageHeading title={title} lead={lead} />
      {children}
    </article>
  );
}

/** The card around the only form of a page. */
export function FormCard({ children }: { readonly children: ReactNode }) {
  return <div className="lk-section lk-form-card">{children}</div>;
}
