import { deviceOf } from '../lib/device.ts';
import { Button } from './button.tsx';
import { Badge } from './section.tsx';
import { When } from './when.tsx';

/** One session, with the button that ends it. The current session ends with “Sign out” above. */
export function SessionItem({
  session: { id, current, createdAt, lastUsedAt, ipAddress, userAgent },
  busy,
  onRevoke,
}: {
  readonly session: {
    readonly id: string;
    readonly current: boolean;
    readonly createdAt: string;
    readonly lastUsedAt: string;
    readonly ipAddress: string | null;
    readonly userAgent: string | null;
  };
  readonly busy: boolean;
  readonly onRevoke: (id: string, device: string) => void;
}) {
  const device = deviceOf(userAgent);
  return (
    <li>
      <div>
        <strong>{device}</strong> {current && <Badge on>This session</Badge>}
        <p className="hint">
          Last used <When at={lastUsedAt} />
          {ipAddress && `, from ${ipAddress}`}
        </p>
        <p className="hint">
          Since <When at={createdAt} />
        </p>
      </div>
      {!current && (
        <Button busy={busy} onClick={() => onRevoke(id, device)}>
          Sign out<span className="unseen"> {device}</span>
        </Button>
      )}
    </li>
  );
}
