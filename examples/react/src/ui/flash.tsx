import { createContext, type ReactNode, use, useCallback, useState } from 'react';
import { usePath } from '../lib/router.tsx';

type Tell = (words: string) => void;
const FlashContext = createContext<Tell | null>(null);

/** Holds one line about what just happened. It is read out, and stays until the page is left. */
export function FlashProvider({ children }: { readonly children: ReactNode }) {
  const path = usePath();
  const [flash, setFlash] = useState({ words: '', path: '' });
  const tell = useCallback<Tell>((words) => setFlash({ words, path: location.pathname }), []);
  const words = flash.path === path ? flash.words : '';
  return (
    <FlashContext value={tell}>
      {children}
      <div className="flash" data-shown={words !== '' || undefined}>
        <p role="status" aria-live="polite">
          {words}
        </p>
        {words && (
          <button type="button" className="button quiet" onClick={() => tell('')}>
            <span>Dismiss</span>
          </button>
        )}
      </div>
    </FlashContext>
  );
}

/** Says what just happened, on the page that is there now. */
export function useFlash(): Tell {
  const tell = use(FlashContext);
  if (!tell) throw new Error('useFlash needs a FlashProvider around it.');
  return tell;
}
