import { createContext, type ReactNode, use, useState } from 'react';

type Tell = (words: string | null) => void;
const FlashContext = createContext<Tell | null>(null);

/** Holds one line about what just happened; it is read out, and stays until the next or a press. */
export function FlashProvider({ children }: { readonly children: ReactNode }) {
  const [words, tell] = useState<string | null>(null);
  return (
    <FlashContext value={tell}>
      {children}
      <div className="flash" data-shown={words !== null || undefined}>
        <p role="status" aria-live="polite">
          {words}
        </p>
        {words !== null && (
          <button type="button" className="button quiet" onClick={() => tell(null)}>
            <span>Dismiss</span>
          </button>
        )}
      </div>
    </FlashContext>
  );
}

/** Says what just happened. */
export function useFlash(): Tell {
  const tell = use(FlashContext);
  if (!tell) throw new Error('useFlash needs a FlashProvider around it.');
  return tell;
}
