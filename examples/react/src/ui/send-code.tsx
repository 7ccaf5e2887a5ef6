import { useState } from 'react';
import type { Problem } from '../lib/problem.ts';
import { usePress } from '../lib/use-press.ts';
import { Button } from './button.tsx';

/** Has a code mailed, and says whether it is on its way. */
export function SendCode({
  sentBefore = false,
  onSend,
}: {
  readonly sentBefore?: boolean;
  readonly onSend: () => Promise<Problem | null>;
}) {
  const { pressed, problem, press } = usePress();
  const [sent, setSent] = useState(0);
  const send = async () => {
    const found = await onSend();
    if (!found) setSent((count) => count + 1);
    return found;
  };
  const words = sent > 0 ? `A code is on its way${sent > 1 ? ' again' : ''}.` : '';
  return (
    <div className="send-code">
      <Button busy={pressed !== null} onClick={() => press('send', send)}>
        {sentBefore || sent > 0 ? 'Send another code' : 'Send me a code'}
      </Button>
      <p role="status" className="hint">
        {problem?.summary ?? words}
      </p>
    </div>
  );
}
