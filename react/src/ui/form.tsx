import {
  createContext,
  type FormEvent,
  type ReactNode,
  useContext,
  useEffect,
  useId,
  useRef,
  useState,
} from 'react';
import { useMessages } from '../context.ts';
import { type Problem, useProblems } from '../lib/problem.ts';
import { useWait } from '../lib/use-wait.ts';
import { Button } from './button.tsx';
import { Icon } from './icons.tsx';
import { inputsOf, problemOfInputs } from './inputs.ts';
import { Sentence } from './sentence.tsx';

/** The values of the fields, by their names. */
export type Values = (name: string) => string;

/** What a form shows after it was sent: what is wrong, what was done, or nothing because the page changes. */
export type Sent = Problem | { readonly done: string } | null;

type FormState = { readonly id: string; readonly problem: Problem | null };
const FormContext = createContext<FormState | null>(null);

/** The id of a field in the surrounding form, and its error message. */
export function useFieldState(name: string): { readonly id: string; readonly error?: string } {
  const form = useContext(FormContext);
  const own = useId();
  const error = form?.problem?.fields[name];
  return { id: form ? `${form.id}${name}` : own, ...(error !== undefined && { error }) };
}

/**
 * A form that sends itself. It shows what is wrong in an alert and beside each field, moves the focus there,
 * and ignores further clicks while it is sending. If a limit is exhausted, it counts down and cannot be sent
 * before the end. A problem that ends by itself disappears by itself.
 *
 * @param onSend returns the problem, the success, or null
 */
export function Form({
  onSend,
  submit,
  aside,
  kind = 'primary',
  children,
}: {
  readonly onSend: (values: Values) => Promise<Sent>;
  readonly submit: string;
  readonly aside?: ReactNode;
  /** A page has one primary button. */
  readonly kind?: 'primary' | 'danger' | 'plain';
  readonly children?: ReactNode;
}) {
  const id = useId();
  const { problems } = useMessages();
  const { problemOfFault } = useProblems();
  const form = useRef<HTMLFormElement>(null);
  const alert = useRef<HTMLDivElement>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [done, setDone] = useState('');
  const waiting = useWait(problem, (words) => {
    setProblem(null);
    setDone(words);
  });

  useEffect(() => {
    if (!problem || !form.current) return;
    const first = inputsOf(form.current).find(({ name }) => name in problem.fields);
    (first ?? alert.current)?.focus();
  }, [problem]);

  const send = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (busy || waiting > 0) return;
    setDone('');
    const found = problemOfInputs(event.currentTarget, problems);
    if (found) return setProblem(found);
    const data = new FormData(event.currentTarget);
    setBusy(true);
    try {
      const sent = await onSend((name) => String(data.get(name) ?? ''));
      setProblem(sent && 'summary' in sent ? sent : null);
      if (sent && 'done' in sent) setDone(sent.done);
    } catch (error) {
      setProblem(problemOfFault(error));
    } finally {
      setBusy(false);
    }
  };

  return (
    <form ref={form} className="lk-form" noValidate aria-busy={busy} onSubmit={send}>
      <FormContext.Provider value={{ id, problem }}>{children}</FormContext.Provider>
      <div className="lk-form-end">
        <div className="lk-form-note">
          {problem && (
            <div
              ref={alert}
              role="alert"
              tabIndex={-1}
              className={isAtFields(problem, form.current) ? 'lk-unseen' : 'lk-form-problem'}
            >
              <Icon name="alert" />
              <div>
                <Summary problem={problem} waiting={waiting} form={form.current} />
              </div>
            </div>
          )}
          <p role="status" className="lk-form-done">
            {done && <Icon name="check" />}
            {done}
          </p>
        </div>
        <div className="lk-actions">
          <Button type="submit" kind={kind} busy={busy} waiting={waiting > 0}>
            {submit}
          </Button>
          {aside}
        </div>
      </div>
    </form>
  );
}

/** The messages for fields that the form does not have. */
function restOf({ fields }: Problem, form: HTMLFormElement | null): readonly (readonly string[])[] {
  const names = new Set((form ? inputsOf(form) : []).map(({ name }) => name));
  return Object.entries(fields).filter(([name]) => !names.has(name));
}

/** True if everything is said beside the fields. The sentence for the whole form is then for screen readers. */
function isAtFields(problem: Problem, form: HTMLFormElement | null): boolean {
  return Object.keys(problem.fields).length > 0 && restOf(problem, form).length === 0;
}

/** The problem in one sentence, and what belongs to no field of the form. */
function Summary({
  problem,
  waiting,
  form,
}: {
  readonly problem: Problem;
  readonly waiting: number;
  readonly form: HTMLFormElement | null;
}) {
  return (
    <>
      <Sentence problem={problem} seconds={waiting} />
      {restOf(problem, form).map(
        ([name, words]) => words !== problem.summary && <p key={name}>{words}</p>,
      )}
    </>
  );
}
