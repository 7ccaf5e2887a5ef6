import type { Client } from '../kernel/ports.ts';
import { sourceOf } from '../kernel/source.ts';
import { describeDevice } from '../mail/device.ts';
import type { KnownOrigins } from './history-store.ts';

/** Where a sign-in comes from, as it is remembered and compared. */
export type Origin = { readonly device: string; readonly network: string };

/**
 * Names the device and the network of a request. A device is a browser on a system: its next version
 * is not news. An IPv6 host changes its address within its network by itself, so the network counts.
 */
export function originOf(client: Client): Origin {
  const { browser, system } = describeDevice(client.userAgent);
  // A program without a known name is known by its own.
  const device = browser === null ? (client.userAgent ?? '') : `${browser}/${system}`;
  const [network] = sourceOf(client);
  return { device, network };
}

/** True when earlier sign-ins came from this device, and earlier sign-ins from this network. */
export function isKnown(earlier: KnownOrigins, client: Client): boolean {
  const { device, network } = originOf(client);
  return earlier.devices.includes(device) && earlier.networks.includes(network);
}
