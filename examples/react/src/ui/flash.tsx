import { createContext, type ReactNode, use, useCallback, useState } from 'react';
import { usePath } from '../lib/router.tsx';

type ShowMessage = (words: string) => void;
const FlashContext = createContext<ShowMessage | null>(null);

/** Shows one line about the last action. It is announced to screen readers and stays until the page changes. */
export function FlashProvider({ children }: { readonly children: ReactNode }) {
  const path = usePath();
  const [flash, setFlash] = useState({ words: '', path: '' });
  const showMessage = useCallback<ShowMessage>(
    (words) => setFlash({ words, path: location.pathname }),
    [],
  );
  const words = flash.path === path ? flash.words : '';
  return (
    <FlashContext value={showMessage}>
      {children}
      <div className="flash" data-shown={words !== '' || undefined}>
        <p role="status" aria-live="polite">
          {words}
        </p>
        {words && (
          <button type="button" className="button quiet" onClick={() => showMessage('')}>
            <span>Dismiss</span>
          </button>
        )}
      </div>
    </FlashContext>
  );
}

/** Shows a message on the current page. */
export function useFlash(): ShowMessage {
  const showMessage = use(FlashContext);
  if (!showMessage) throw new Error('useFlash needs a FlashProvider around it.');
  return showMessage;
}
