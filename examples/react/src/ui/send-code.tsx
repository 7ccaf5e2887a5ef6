import { useState } from 'react';
import { type Problem, problemOfFault } from '../lib/problem.ts';
import { Button } from './button.tsx';

/** Has a code mailed, and says whether it is on its way. */
export function SendCode({ onSend }: { readonly onSend: () => Promise<Problem | null> }) {
  const [busy, setBusy] = useState(false);
  const [sent, setSent] = useState(0);
  const [problem, setProblem] = useState<Problem | null>(null);
  const send = async () => {
    setBusy(true);
    try {
      const found = await onSend();
      setProblem(found);
      if (!found) setSent(sent + 1);
    } catch (error) {
      setProblem(problemOfFault(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="send-code">
      <Button busy={busy} onClick={send}>
        {sent > 0 ? 'Send another code' : 'Send me a code'}
      </Button>
      <p role="status" className="hint">
        {problem?.summary ?? (sent > 0 ? `A code is on its way${sent > 1 ? ' again' : ''}.` : '')}
      </p>
    </div>
  );
}
