import { useLatchkey } from '../context.ts';
import { usePress } from '../lib/use-press.ts';
import { useViewer } from '../lib/use-viewer.ts';
import { Button } from './button.tsx';
import { Icon } from './icons.tsx';
import { Root } from './root.tsx';
import { useSignOut } from './user-button.tsx';
import { When } from './when.tsx';

/**
 * Says that an administrator acts as the person, until when, and ends it. Nothing in any other session. `Frame` has it at
 * its top; an app without `Frame` puts it where it cannot be missed.
 */
export function SupportBanner() {
  const { support } = useLatchkey().messages;
  const { viewer } = useViewer();
  const signOut = useSignOut();
  const { pressed, press } = usePress();
  if (!viewer || viewer.session.impersonatedBy === null) return null;
  const { user, session } = viewer;
  const end = async () => {
    await signOut();
    return null;
  };
  return (
    <Root>
      <section aria-label={support.title} className="lk-support">
        <Icon name="alert" />
        <p>
          <strong>{support.title}.</strong> {support.signedInAs(user.email)} {support.readOnly}{' '}
          {support.endsAt} <When at={session.expiresAt} />.
        </p>
        <Button busy={pressed === 'end'} onClick={() => press('end', end)}>
          {support.end}
        </Button>
      </section>
    </Root>
  );
}
