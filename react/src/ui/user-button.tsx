import { useEffect, useId, useRef, useState } from 'react';
import { useLatchkey } from '../context.ts';
import { useViewer } from '../lib/use-viewer.ts';
import { Link, useNavigation } from '../navigation.tsx';
import { useFlash } from './flash.tsx';
import { Icon } from './icons.tsx';
import { Root } from './root.tsx';

/** Signs out in every tab, then on the server, and says how that went. */
export function useSignOut(): () => Promise<void> {
  const { session, messages, paths } = useLatchkey();
  const { navigate } = useNavigation();
  const showMessage = useFlash();
  return async () => {
    const signedOut = session.signOut();
    navigate(paths.signIn);
    const { revoked } = await signedOut;
    showMessage(revoked ? messages.user.signedOut : messages.user.signedOutHere);
  };
}

/** The first letter of a person's name or address, as a picture of them. */
export function Avatar({ text }: { readonly text: string }) {
  return (
    <span className="lk-avatar" aria-hidden="true">
      {[...text][0]?.toUpperCase()}
    </span>
  );
}

/** The signed-in person in an app's own header: a button with a menu. Nothing while nobody is signed in. */
export function UserButton() {
  const { messages, paths } = useLatchkey();
  const { viewer } = useViewer();
  const signOut = useSignOut();
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);

  useEffect(() => {
    if (!isOpen) return;
    const closeOutside = ({ target }: Event) => {
      if (target instanceof Node && !root.current?.contains(target)) setOpen(false);
    };
    const closeByKey = ({ key }: KeyboardEvent) => {
      if (key !== 'Escape') return;
      setOpen(false);
      button.current?.focus();
    };
    document.addEventListener('pointerdown', closeOutside);
    document.addEventListener('focusin', closeOutside);
    document.addEventListener('keydown', closeByKey);
    return () => {
      document.removeEventListener('pointerdown', closeOutside);
      document.removeEventListener('focusin', closeOutside);
      document.removeEventListener('keydown', closeByKey);
    };
  }, [isOpen]);

  if (!viewer) return null;
  const { name, email } = viewer.user;
  return (
    <Root>
      <div ref={root} className="lk-user">
        <button
          ref={button}
          type="button"
          className="lk-user-button"
          aria-label={messages.user.menu(name ?? email)}
          aria-expanded={isOpen}
          aria-controls={id}
          onClick={() => setOpen(!isOpen)}
        >
          <Avatar text={name ?? email} />
        </button>
        {isOpen && (
          <div id={id} className="lk-menu">
            <div className="lk-menu-person">
              <Avatar text={name ?? email} />
              <div>
                {name && <strong>{name}</strong>}
                <p className="lk-hint">{email}</p>
              </div>
            </div>
            <Link to={paths.account} className="lk-menu-item" onFollow={() => setOpen(false)}>
              <Icon name="user" />
              {messages.user.manage}
            </Link>
            <button type="button" className="lk-menu-item" onClick={signOut}>
              <Icon name="signOut" />
              {messages.user.signOut}
            </button>
          </div>
        )}
      </div>
    </Root>
  );
}
