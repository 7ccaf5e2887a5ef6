import {
  createContext,
  type FormEvent,
  type ReactNode,
  use,
  useEffect,
  useId,
  useRef,
  useState,
} from 'react';
import { type Problem, problemOfFault } from '../lib/problem.ts';
import { useWait } from '../lib/use-wait.ts';
import { Button } from './button.tsx';
import { inputsOf, problemOfInputs } from './inputs.ts';
import { Sentence } from './sentence.tsx';

/** The values of the fields, by their names. */
export type Values = (name: string) => string;

type FormState = { readonly id: string; readonly problem: Problem | null };
const FormContext = createContext<FormState | null>(null);

/** The id of a field in the surrounding form, and its error message. */
export function useFieldState(name: string): { readonly id: string; readonly error?: string } {
  const form = use(FormContext);
  const own = useId();
  const error = form?.problem?.fields[name];
  return { id: form ? `${form.id}${name}` : own, ...(error !== undefined && { error }) };
}

/**
 * A form that sends itself. It shows what is wrong in an alert and beside each field, moves the focus there,
 * and ignores further clicks while it is sending. If a limit is exhausted, it counts down and cannot be sent
 * before the end. A problem that ends by itself disappears by itself.
 *
 * @param onSend returns the problem, or null
 */
export function Form({
  onSend,
  submit,
  aside,
  danger = false,
  children,
}: {
  readonly onSend: (values: Values) => Promise<Problem | null>;
  readonly submit: string;
  readonly aside?: ReactNode;
  readonly danger?: boolean;
  readonly children?: ReactNode;
}) {
  const id = useId();
  const form = useRef<HTMLFormElement>(null);
  const alert = useRef<HTMLDivElement>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [passed, setPassed] = useState('');
  const waiting = useWait(problem, (words) => {
    setProblem(null);
    setPassed(words);
  });

  useEffect(() => {
    if (!problem || !form.current) return;
    const first = inputsOf(form.current).find(({ name }) => name in problem.fields);
    (first ?? alert.current)?.focus();
  }, [problem]);

  const send = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (busy || waiting > 0) return;
    const found = problemOfInputs(event.currentTarget);
    if (found) return setProblem(found);
    const data = new FormData(event.currentTarget);
    setBusy(true);
    setPassed('');
    try {
      setProblem(await onSend((name) => String(data.get(name) ?? '')));
    } catch (error) {
      setProblem(problemOfFault(error));
    } finally {
      setBusy(false);
    }
  };

  return (
    <form ref={form} noValidate aria-busy={busy} onSubmit={send}>
      {problem && (
        <div ref={alert} role="alert" tabIndex={-1} className="problem">
          <Summary id={id} problem={problem} waiting={waiting} form={form.current} />
        </div>
      )}
      <p role="status" className="passed">
        {passed}
      </p>
      <FormContext value={{ id, problem }}>{children}</FormContext>
      <div className="actions">
        <Button
          type="submit"
          kind={danger ? 'danger' : 'primary'}
          busy={busy}
          waiting={waiting > 0}
        >
          {submit}
        </Button>
        {aside}
      </div>
    </form>
  );
}

/** The problem in one sentence, and a link to each field that it concerns. */
function Summary({
  id,
  problem,
  waiting,
  form,
}: {
  readonly id: string;
  readonly problem: Problem;
  readonly waiting: number;
  readonly form: HTMLFormElement | null;
}) {
  const labels = new Map(
    (form ? inputsOf(form) : []).map(({ name, labels }) => [name, labels?.[0]?.textContent]),
  );
  const lines = Object.entries(problem.fields).filter(([, words]) => words !== problem.summary);
  return (
    <>
      <Sentence problem={problem} seconds={waiting} />
      {lines.length > 0 && (
        <ul>
          {lines.map(([name, words]) => (
            <li key={name}>
              {labels.has(name) ? (
                <a href={`#${id}${name}`}>{`${labels.get(name)}: ${words}`}</a>
              ) : (
                words
              )}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
