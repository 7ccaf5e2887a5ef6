import { createContext, type ReactNode, useCallback, useContext, useState } from 'react';
import { useMessages } from '../context.ts';
import { useNavigation } from '../navigation.tsx';
import { Icon } from './icons.tsx';
import { Root } from './root.tsx';

type ShowMessage = (words: string) => void;
const FlashContext = createContext<ShowMessage | null>(null);

/** Shows one line about the last action. It is announced to screen readers and stays until the page changes. */
export function FlashProvider({ children }: { readonly children: ReactNode }) {
  const { common } = useMessages();
  const { place } = useNavigation();
  const [flash, setFlash] = useState({ words: '', path: '' });
  const showMessage = useCallback<ShowMessage>(
    // Not the place of the navigation: an app's router may change it later than the address bar.
    (words) => setFlash({ words, path: location.pathname }),
    [],
  );
  const words = flash.path === place.pathname ? flash.words : '';
  return (
    <FlashContext.Provider value={showMessage}>
      {children}
      <Root>
        <div className="lk-flash" data-shown={words !== '' || undefined}>
          <p role="status" aria-live="polite">
            {words}
          </p>
          {words && (
            <button
              type="button"
              className="lk-icon-button"
              aria-label={common.dismiss}
              onClick={() => showMessage('')}
            >
              <Icon name="close" />
            </button>
          )}
        </div>
      </Root>
    </FlashContext.Provider>
  );
}

/** Shows a message on the current page. */
export function useFlash(): ShowMessage {
  const showMessage = useContext(FlashContext);
  if (!showMessage) throw new Error('This component needs a LatchkeyProvider around it.');
  return showMessage;
}
