import type { ReauthenticationMethod, SecurityChange } from '@latchkey/client/operations';
import { useMessages } from '../context.ts';
import { Ago } from './when.tsx';

/** Changes to the ways of signing in, each with its time. */
export function Changes({
  title,
  hint,
  changes,
}: {
  readonly title: string;
  readonly hint?: string;
  readonly changes: readonly SecurityChange[];
}) {
  const { activity, secondStep } = useMessages();
  const methods: Readonly<Partial<Record<string, string>>> = secondStep.methods satisfies Record<
    ReauthenticationMethod,
    string
  >;
  if (changes.length === 0) return null;
  return (
    <section className="lk-changes">
      <h2>{title}</h2>
      {hint && <p className="lk-hint">{hint}</p>}
      <ul className="lk-list">
        {changes.map(({ type, at, detail }) => (
          <li key={`${type} ${at} ${detail}`}>
            <div>
              <strong>{activity.events[type]}</strong>
              {detail !== null && (
                <p>
                  <bdi>{methods[detail] ?? detail}</bdi>
                </p>
              )}
              <p className="lk-hint">
                <Ago at={at} />
              </p>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
