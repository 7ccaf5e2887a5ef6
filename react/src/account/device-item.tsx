import type { Session } from '@latchkey/client/operations';
import { useMessages } from '../context.ts';
import { kindOfClient, nameOfClient } from '../lib/device.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icons.tsx';
import { Badge } from '../ui/section.tsx';
import { Ago } from '../ui/when.tsx';

/** One device, with the button that signs it out. The current one has “Sign out” in the navigation. */
export function DeviceItem({
  session: { id, current, createdAt, lastUsedAt, ipAddress, client, impersonatedBy },
  busy,
  onRevoke,
}: {
  readonly session: Session;
  readonly busy: boolean;
  readonly onRevoke: (id: string, device: string) => void;
}) {
  const { devices, support } = useMessages();
  const device =
    impersonatedBy === null ? nameOfClient(client, devices) : support.by(impersonatedBy);
  return (
    <li>
      <Icon name={kindOfClient(client)} />
      <div>
        <div className="lk-item-title">
          <strong>{device}</strong>
          {current && <Badge on>{devices.current}</Badge>}
        </div>
        <p className="lk-hint">
          {devices.lastUsed} <Ago at={lastUsedAt} />
          {ipAddress && `, ${devices.from(ipAddress)}`}
        </p>
        <p className="lk-hint">
          {devices.since} <Ago at={createdAt} />
        </p>
      </div>
      {!current && (
        <Button busy={busy} onClick={() => onRevoke(id, device)}>
          {devices.signOut}
          <span className="lk-unseen"> {device}</span>
        </Button>
      )}
    </li>
  );
}
