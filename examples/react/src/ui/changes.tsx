import type { ChangeFragment } from '../generated/graphql';
import { EVENT_WORDS } from '../lib/event-words.ts';
import { When } from './when.tsx';

const METHODS: Readonly<Record<string, string>> = {
  TOTP: 'Authenticator app',
  EMAIL: 'Codes by email',
};

/** Changes to the ways of signing in, each with its time. */
export function Changes({
  title,
  hint,
  changes,
}: {
  readonly title: string;
  readonly hint?: string;
  readonly changes: readonly ChangeFragment[];
}) {
  if (changes.length === 0) return null;
  return (
    <section className="changes">
      <h2>{title}</h2>
      {hint && <p className="hint">{hint}</p>}
      <ul className="list">
        {changes.map(({ type, at, detail }) => (
          <li key={`${type} ${at} ${detail}`}>
            <div>
              <strong>{EVENT_WORDS[type]}</strong>
              {detail !== null && (
                <p>
                  <bdi>{METHODS[detail] ?? detail}</bdi>
                </p>
              )}
              <p className="hint">
                <When at={at} />
              </p>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
