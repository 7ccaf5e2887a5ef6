import { useState } from 'react';
import { useMessages } from '../context.ts';
import type { Problem } from '../lib/problem.ts';
import { usePress } from '../lib/use-press.ts';
import { useSecondsUntil } from '../lib/use-seconds-until.ts';
import { Button } from './button.tsx';

/** A code was sent. Another one can be requested after this time. */
export type CodeSent = { readonly resendableAt: string };

/** Requests a code, shows whether it was sent, and offers another one when that is possible. */
export function SendCode({
  sentBefore = null,
  onSend,
}: {
  /** The code that was sent before this page was opened. */
  readonly sentBefore?: CodeSent | null;
  /** Returns null if the page is left. */
  readonly onSend: () => Promise<Problem | CodeSent | null>;
}) {
  const { sendCode: words } = useMessages();
  const { pressed, problem, press, waiting } = usePress();
  const [sent, setSent] = useState<readonly CodeSent[]>([]);
  const last = sent.at(-1) ?? sentBefore;
  const seconds = Math.max(useSecondsUntil(last?.resendableAt ?? null), waiting);
  const send = async () => {
    const answer = await onSend();
    if (!answer || !('resendableAt' in answer)) return answer;
    setSent([...sent, answer]);
    return null;
  };
  let status = problem?.summary ?? '';
  if (!problem && sent.length > 0) status = sent.length > 1 ? words.sentAgain : words.sent;
  return (
    <div className="lk-send-code">
      <p role="status">{status}</p>
      {seconds > 0 ? (
        <p className="lk-hint">{words.wait(seconds)}</p>
      ) : (
        <Button busy={pressed !== null} onClick={() => press('send', send)}>
          {last ? words.again : words.send}
        </Button>
      )}
    </div>
  );
}
